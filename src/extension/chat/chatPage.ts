/** The chat view's HTML: a shell with a strict content-security policy, filled by its script. */
import { randomBytes } from 'node:crypto';

export interface ChatPageParts {
  /** Of the script, as the page may load it. */
  readonly scriptUri: string;
  readonly styleUri: string;
  /** What the page may load styles from. */
  readonly cspSource: string;
  /** Fresh for each page. */
  readonly nonce: string;
}

/** A nonce that cannot be guessed. */
export const newNonce = (): string => randomBytes(18).toString('base64url');

/** Nothing is loaded but our own script and style; no images, frames, forms or connections. */
export function chatPage({ scriptUri, styleUri, cspSource, nonce }: ChatPageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${styleUri}">
<title>Chat</title>
</head>
<body>
<main id="app"></main>
<script nonce="${nonce}" src="${scriptUri}"></script>
</body>
</html>`;
}
