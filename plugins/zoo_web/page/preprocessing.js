// What is done to a chosen picture before it is translated: measured, and shrunk if that is asked for.

import { UserError } from "./errors.js";
import { bytes, pixels, sides } from "./formatting.js";
import { holdsNumbers } from "./label-maps.js";
import { decodeUpright } from "./orientation.js";
import { encodeImageData } from "./png.js";

// Kinds of file that every browser reads.
const KNOWN = new Set(["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"]);

/**
 * @param {Blob} blob the chosen file.
 * @param {{size: [number, number], limits: {bytes?: number, pixels?: number}, source: object}} info
 * @param {string} maxSize the longest side in pixels, "0" for any, "fit" for the network's size.
 * @returns {Promise<{blob: Blob, width?: number, height?: number, from?: string}>} what to translate, its size where
 *   this browser can read it, and the size it was shrunk from.
 */
export async function preprocess(blob, info, maxSize) {
  if (blob.size === 0) throw new UserError("This file is empty.");
  const { bitmap, turned } = await decoded(blob);
  if (!bitmap) {
    checkBytes(blob, info);
    // TIFF, for one, is not read by browsers; what translates may well read it.
    if (KNOWN.has(blob.type)) {
      throw new UserError("This file cannot be read as a picture; it may be damaged.");
    }
    return { blob };
  }
  try {
    const [width, height] = sizeOf(bitmap, info, maxSize);
    // The indices of a palette would be lost.
    const same = holdsNumbers(info.source) || (width === bitmap.width && height === bitmap.height);
    // One that was turned here is sent, and shown, as it was turned.
    if (same && !turned) {
      checkBytes(blob, info);
      checkPixels(bitmap.width, bitmap.height, info);
      return { blob, width: bitmap.width, height: bitmap.height };
    }
    checkPixels(width, height, info);
    const shrunk = await redrawn(bitmap, width, height, info.source);
    return { blob: shrunk, width, height, ...(same ? {} : { from: sides(bitmap.width, bitmap.height) }) };
  } finally {
    bitmap.close();
  }
}

async function decoded(blob) {
  try {
    return await decodeUpright(blob);
  } catch {
    return {};
  }
}

function sizeOf({ width, height }, info, maxSize) {
  if (maxSize === "fit") return [info.size[1], info.size[0]];
  const longest = Math.max(width, height);
  const limit = Number(maxSize);
  if (!limit || longest <= limit) return [width, height];
  const scale = limit / longest;
  return [width, height].map((side) => Math.max(1, Math.round(side * scale)));
}

/** The picture in another size, on white where it is transparent; label maps keep their exact colours. */
async function redrawn(bitmap, width, height, source) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = !source?.classes?.length;
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return encodeImageData(context.getImageData(0, 0, width, height));
}

/** Whether a browser would show a picture file not at all, or not as people expect it. */
export function needsPreview(form, blob) {
  if (!form) return false;
  const usual = form.dtype === "uint8" && !(form.channels > 3 || form.channels === 2);
  return !usual || holdsNumbers(form) || (blob.type !== "" && !KNOWN.has(blob.type));
}

function checkBytes(blob, { limits }) {
  if (limits?.bytes && blob.size > limits.bytes) {
    throw new UserError(
      `This file is too large: it has ${bytes(blob.size)}, and at most ${bytes(limits.bytes)} are taken here.`,
    );
  }
}

function checkPixels(width, height, { limits }) {
  if (limits?.pixels && width * height > limits.pixels) {
    throw new UserError(
      `This picture is too large: ${sides(width, height)} pixels, and at most ` +
        `${pixels(limits.pixels)} are taken here. Choose a smaller size.`,
    );
  }
}
