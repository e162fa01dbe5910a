/** Finds the number whose hash with a form's id begins with twelve zero bits, beside the page and with pauses. */
self.addEventListener("message", async (event) => {
  const encoder = new TextEncoder();
  for (let n = 0; n < 1_000_000; n++) {
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(`${event.data}:${n}`)));
    if (sum[0] === 0 && sum[1] < 16) {
      self.postMessage(n);
      return;
    }
  }
});
