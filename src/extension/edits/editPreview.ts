/** One proposed edit on the screen: a diff whose left side is the document itself and whose right side is proposed. */
import * as vscode from 'vscode';
import { Disposables, type DisposableLike } from '../disposables';
import type { Hunk } from './hunks';
import { Proposal } from './proposal';
import { writeHunks, writeNewFile } from './writeHunks';

/** How an edit ended; `partly`: some hunks were accepted and the others rejected. */
export type EditOutcome = 'accepted' | 'partly' | 'rejected';

export interface EditTarget {
  readonly uri: vscode.Uri;
  /** Title of the diff. */
  readonly title: string;
  /** Text that the edit is for; undefined for a file that does not exist yet. */
  readonly base: string | undefined;
  readonly languageId?: string;
}

/** What one preview needs of the place where all are. */
export interface PreviewPlace {
  readonly proposedUri: vscode.Uri;
  readonly emptyUri: vscode.Uri;
  readonly changed: (uri: vscode.Uri) => void;
  readonly ended: () => void;
}

const WRITE_REFUSED = 'The editor refused the edit, because the document changed in the meantime. Try again.';

export class EditPreview implements DisposableLike {
  readonly #owned = new Disposables();
  readonly #proposal: Proposal;
  #settled = false;
  #acceptedAny = false;
  #rejectedAny = false;
  #finish: ((outcome: EditOutcome) => void) | undefined;
  /** How it ended; pending until the person has decided on everything, or closed the diff. */
  readonly outcome = new Promise<EditOutcome>((resolve) => (this.#finish = resolve));

  constructor(
    readonly target: EditTarget,
    private readonly place: PreviewPlace,
  ) {
    this.#proposal = new Proposal(target.base ?? '', target.base ?? '');
    this.#owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#follow(document)));
    this.#owned.add(
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.some((tab) => this.#isTab(tab))) this.#end();
      }),
    );
  }

  /** Text of the right side. */
  get text(): string {
    return this.#proposal.proposed;
  }

  get hunks(): readonly Hunk[] {
    return this.#proposal.hunks;
  }

  /** Whether the whole edit has come, so that it can be decided on. */
  get settled(): boolean {
    return this.#settled;
  }

  async show(): Promise<void> {
    const { target, place } = this;
    const left = target.base === undefined ? place.emptyUri : target.uri;
    await vscode.commands.executeCommand('vscode.diff', left, place.proposedUri, target.title, {
      preview: false,
    });
    const { languageId } = target;
    if (languageId === undefined) return;
    const document = await vscode.workspace.openTextDocument(place.proposedUri);
    if (document.languageId !== languageId) {
      await vscode.languages.setTextDocumentLanguage(document, languageId);
    }
  }

  /** Shows what has come so far. */
  update(proposed: string): void {
    this.#proposal.propose(proposed);
    this.place.changed(this.place.proposedUri);
  }

  /** Shows the whole edit; from now on it can be accepted. */
  settle(proposed: string): void {
    this.update(proposed);
    this.#settled = true;
  }

  /** Accepts hunks, or all. Nothing is written in a workspace that is not trusted. */
  async accept(hunks: readonly Hunk[] = this.hunks): Promise<void> {
    if (!this.#settled || hunks.length === 0) return;
    if (!vscode.workspace.isTrusted) return refuseUntrusted();
    if (this.target.base === undefined) return this.#create();
    const document = await vscode.workspace.openTextDocument(this.target.uri);
    const wanted = hunks.map(({ start }) => this.hunks.findIndex((hunk) => hunk.start === start));
    if (!this.#proposal.rebase(document.getText())) return this.#refuseConflict();
    const now = wanted.flatMap((index) => this.hunks[index] ?? []);
    // Before the change is seen: it is this one, not one of somebody else.
    this.#proposal.accepted(now);
    if (!(await writeHunks(document, now))) {
      void vscode.window.showWarningMessage(WRITE_REFUSED);
      this.#end();
      return;
    }
    this.#acceptedAny = true;
    this.#afterDecision();
  }

  /** Takes hunks, or all, out of the edit. */
  reject(hunks: readonly Hunk[] = this.hunks): void {
    this.#rejectedAny = true;
    this.#proposal.reject(hunks);
    this.#afterDecision();
  }

  /** The hunk at a line of the right side, or the nearest. */
  hunkAt(line: number): Hunk | undefined {
    return this.#proposal.hunkAt(line);
  }

  dispose(): void {
    this.#end();
  }

  async #create(): Promise<void> {
    if (!(await writeNewFile(this.target.uri, this.text))) {
      void vscode.window.showWarningMessage(
        `${this.target.uri.path} could not be created, or is there already.`,
      );
      return;
    }
    this.#acceptedAny = true;
    this.#proposal.accepted(this.hunks);
    await this.close();
  }

  #afterDecision(): void {
    this.place.changed(this.place.proposedUri);
    if (this.hunks.length === 0) void this.close();
  }

  /** Takes it off the screen, undecided. */
  async close(): Promise<void> {
    const tabs = vscode.window.tabGroups.all
      .flatMap(({ tabs: all }) => all)
      .filter((tab) => this.#isTab(tab));
    this.#end();
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs);
  }

  #isTab({ input }: vscode.Tab): boolean {
    return (
      input instanceof vscode.TabInputTextDiff &&
      input.modified.toString() === this.place.proposedUri.toString()
    );
  }

  #follow(document: vscode.TextDocument): void {
    if (this.target.base === undefined || document.uri.toString() !== this.target.uri.toString()) return;
    if (this.#proposal.rebase(document.getText())) this.place.changed(this.place.proposedUri);
  }

  #refuseConflict(): void {
    void vscode.window.showWarningMessage(
      'The document changed at the same place since this edit was made, so it is not applied. Undo that change, or ask for the edit again.',
    );
  }

  #end(): void {
    this.#owned.dispose();
    if (this.#finish === undefined) return;
    const finish = this.#finish;
    this.#finish = undefined;
    this.place.ended();
    if (!this.#acceptedAny) finish('rejected');
    else finish(this.#rejectedAny || this.hunks.length > 0 ? 'partly' : 'accepted');
  }
}

function refuseUntrusted(): void {
  const manage = 'Manage Workspace Trust';
  void vscode.window
    .showWarningMessage('This workspace is not trusted, so Qwen Coder writes nothing in it.', manage)
    .then((chosen) => chosen && vscode.commands.executeCommand('workbench.trust.manage'));
}
