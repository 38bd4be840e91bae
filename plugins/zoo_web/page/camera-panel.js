// The controls of the camera.

import { camera } from "./camera.js";
import { find } from "./dom.js";

/**
 * @param {{run: (blob: Blob, name: string) => void}} page
 * @returns {() => void} switches the camera off.
 */
export function cameraPanel({ run }) {
  const device = camera(find("video"));

  function show(live, message = "The picture is taken when you press the button.") {
    find("video").hidden = find("camera-take").hidden = find("camera-stop").hidden = !live;
    find("camera-start").hidden = live;
    find("camera-message").textContent = message;
    find("camera-message").classList.remove("bad");
  }

  function close() {
    device.stop();
    show(false);
  }

  find("camera-start").addEventListener("click", async () => {
    find("camera-start").disabled = true;
    find("camera-message").textContent = "Your browser asks whether the camera may be used.";
    try {
      await device.start();
      show(true);
      find("camera-take").focus();
    } catch (error) {
      show(false, error.message);
      find("camera-message").classList.add("bad");
      find("status").textContent = error.message;
    } finally {
      find("camera-start").disabled = false;
    }
    // Another tab was opened while the browser asked.
    if (find("panel-camera").hidden) close();
  });
  find("camera-take").addEventListener("click", async () => run(await device.take(), "camera.png"));
  find("camera-stop").addEventListener("click", () => {
    close();
    find("camera-start").focus();
  });

  return close;
}
