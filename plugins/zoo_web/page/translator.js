// Who translates: the server that this page came from, or this browser itself. index.html says which of them it is.

/**
 * What is translated here: { name, size: [height, width], source, target, limits: {bytes, pixels},
 * samples: [{name, url}], token }.
 * @typedef {object} Info
 */

/**
 * Called as the work goes on: a sentence, how much of it is done, from 0 to 1, and whether it is only loading, not
 * translating.
 * @typedef {(text: string, share?: number, loading?: boolean) => void} Progress
 */

/**
 * @typedef {object} Options
 * @property {string} [token] that the server wants.
 * @property {AbortSignal} [signal] stops a translation.
 * @property {Progress} [progress] of a translation.
 */

/**
 * @typedef {object} Translator
 * @property {string} privacy a sentence about where pictures go.
 * @property {(options?: Options) => Promise<Info>} info
 * @property {(sample: object, options?: Options) => Promise<Blob>} thumbnail a small picture of a sample, to look at.
 * @property {(sample: object, options?: Options) => Promise<Blob>} sample the file of a sample, to translate.
 * @property {(blob: Blob, side: "source" | "target", options?: Options) => Promise<Blob>} preview a picture file of one
 *   side of the network as one that every browser shows.
 * @property {(blob: Blob, options?: Options) => Promise<Blob>} translate the translation of a picture file.
 */

const MODULES = { server: "./server-translator.js", browser: "./browser-translator.js" };

/** @type {Translator} */
export const translator = await import(
  MODULES[document.querySelector('meta[name="zoo-translator"]').content]
);
