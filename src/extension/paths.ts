/** Paths of files as people and the model read them. */
import * as vscode from 'vscode';

/** Relative to its workspace folder, with the folder's name before it where there are several; with slashes. */
export const pathOf = (uri: vscode.Uri): string => vscode.workspace.asRelativePath(uri).replaceAll('\\', '/');

/** Relative to one folder, whatever others there are. The uri lies in it. */
export const pathWithin = (folder: vscode.Uri, uri: vscode.Uri): string =>
  uri.path.slice(folder.path.length).replace(/^\//, '');

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
