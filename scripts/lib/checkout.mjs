import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root folder of the checkout. */
export const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** @param {...string} segments @returns {string} absolute path inside the checkout */
export const inCheckout = (...segments) => join(checkout, ...segments);
