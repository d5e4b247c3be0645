/** The page's line to the editor's side. */
import { readToPage, type FromPage, type ToPage } from '../../src/assist/chat/messages';

interface EditorApi {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): EditorApi;

const api = acquireVsCodeApi();

export const send = (message: FromPage): void => api.postMessage(message);

/** What is in the input survives that the view is hidden. */
export const loadDraft = (): string => {
  const state = api.getState();
  return typeof state === 'string' ? state : '';
};
export const keepDraft = (text: string): void => api.setState(text);

/** Calls back with each message that is one. */
export function listen(onMessage: (message: ToPage) => void): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = readToPage(event.data);
    if (message !== undefined) onMessage(message);
  });
}
