/** Looks again and again until something is so. @throws Error once `limitMs` milliseconds are over */
export async function waitUntil(
  condition: () => Promise<boolean> | boolean,
  limitMs = 15_000,
): Promise<void> {
  for (const end = Date.now() + limitMs; Date.now() < end;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it did not come about within ${limitMs} ms`);
}
