// One still picture of the camera.

import { UserError } from "./errors.js";

/**
 * @param {HTMLVideoElement} video shows what the camera sees.
 * @returns {{start: () => Promise<void>, take: () => Promise<Blob>, stop: () => void}}
 */
export function camera(video) {
  let stream = null;

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  }

  async function start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new UserError(
        "Browsers give cameras only to pages that come over https, or from this computer itself (localhost).",
      );
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: false });
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      stop();
      throw new UserError(reason(error), { retry: true });
    }
  }

  function take() {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  }

  return { start, take, stop };
}

function reason(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "The camera was refused. Allow it for this page in your browser, then try again.";
    case "NotFoundError":
    case "OverconstrainedError":
      return "No camera was found on this device.";
    case "NotReadableError":
    case "AbortError":
      return "The camera is used by another program, or switched off.";
    default:
      return `The camera cannot be used: ${error.message}`;
  }
}
