// Numbers as people read them.

/** Bytes: "812 KB", "3.4 MB". */
export function bytes(count) {
  if (count < 1000) return `${count} bytes`;
  if (count < 999_500) return `${Math.round(count / 1000)} KB`;
  const millions = count / 1e6;
  return `${millions < 10 ? Number(millions.toFixed(1)) : Math.round(millions)} MB`;
}

/** Seconds: "0.34 s". */
export function seconds(milliseconds) {
  if (milliseconds < 995) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** "1.2 megapixels", or "4,000 pixels" where that is little. */
export function pixels(count) {
  if (count < 100_000) return `${count.toLocaleString("en")} pixels`;
  return `${Number((count / 1e6).toFixed(1))} megapixels`;
}

/** "256 × 192", of a width and a height. */
export function sides(width, height) {
  return `${width} × ${height}`;
}
