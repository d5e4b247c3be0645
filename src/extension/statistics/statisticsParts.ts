/** Statistics of suggestions: counted, kept, shown, exported and forgotten. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, type CommandId } from '../commandIds';
import { Disposables, type DisposableLike } from '../disposables';
import type { InlineProvider } from '../inlineProvider';
import type { CountedEvent, Statistics } from './counts';
import { statisticsCsv, statisticsJson } from './exportStatistics';
import { SuggestionFollower } from './followSuggestions';
import { PAGE_COMMANDS, statisticsPage } from './statisticsPage';
import { StatisticsStore } from './statisticsStore';

const VIEW_TYPE = 'qwenCoder.statistics';

export interface StatisticsPartsDeps {
  readonly context: Pick<vscode.ExtensionContext, 'extensionUri' | 'globalStorageUri'>;
  readonly provider: InlineProvider;
  readonly log: (line: string) => void;
  readonly onAccepted: () => void;
}

export interface StatisticsParts extends DisposableLike {
  current(): Promise<Statistics>;
  /** Writes what is counted and ends. */
  close(): Promise<void>;
}

export function makeStatisticsParts(deps: StatisticsPartsDeps): StatisticsParts {
  const { context, provider, log, onAccepted } = deps;
  const owned = new Disposables();
  const store = new StatisticsStore({
    file: join(context.globalStorageUri.fsPath, 'statistics.json'),
    now: Date.now,
    log,
  });
  const count = (event: CountedEvent): void => store.count(event);
  owned.add(new SuggestionFollower({ provider, count, now: Date.now, onAccepted }));
  const page = owned.add(new StatisticsPanel(context.extensionUri, () => store.current()));
  const register = (id: CommandId, run: () => unknown): void => {
    owned.add(vscode.commands.registerCommand(id, run));
  };
  register(COMMANDS.showStatistics, () => page.show());
  register(COMMANDS.exportStatistics, async () => exportStatistics(await store.current()));
  register(COMMANDS.resetStatistics, async () => {
    const reset = 'Reset';
    const chosen = await vscode.window.showWarningMessage(
      'Forget all statistics of suggestions on this machine?',
      { modal: true, detail: 'What was counted in all windows is deleted. This cannot be undone.' },
      reset,
    );
    if (chosen !== reset) return;
    await store.reset();
    await page.refresh();
  });
  return {
    current: () => store.current(),
    close: async () => {
      owned.dispose();
      await store.flush();
    },
    dispose: () => owned.dispose(),
  };
}

async function exportStatistics(statistics: Statistics): Promise<void> {
  const uri = await vscode.window.showSaveDialog({
    title: 'Export Statistics',
    defaultUri: vscode.Uri.joinPath(
      vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file('/'),
      'qwen-coder-statistics.json',
    ),
    filters: { JSON: ['json'], CSV: ['csv'] },
  });
  if (uri === undefined) return;
  const content = uri.path.endsWith('.csv') ? statisticsCsv(statistics) : statisticsJson(statistics);
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`The statistics could not be written: ${why}`);
  }
}

/** One panel; it is drawn anew when it is shown, and has nothing in it that could get lost. */
class StatisticsPanel implements DisposableLike {
  #panel: vscode.WebviewPanel | undefined;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly statistics: () => Promise<Statistics>,
  ) {}

  async show(): Promise<void> {
    if (this.#panel === undefined) {
      const panel = vscode.window.createWebviewPanel(
        VIEW_TYPE,
        'Qwen Coder Statistics',
        vscode.ViewColumn.Active,
        {
          enableScripts: false,
          enableCommandUris: PAGE_COMMANDS,
          localResourceRoots: [vscode.Uri.joinPath(this.extensionUri, 'dist')],
        },
      );
      panel.onDidDispose(() => (this.#panel = undefined));
      this.#panel = panel;
    } else {
      this.#panel.reveal();
    }
    await this.refresh();
  }

  /** Draws it anew if it is open. */
  async refresh(): Promise<void> {
    const statistics = await this.statistics();
    if (this.#panel === undefined) return;
    const { webview } = this.#panel;
    const style = vscode.Uri.joinPath(this.extensionUri, 'dist', 'statisticsStyle.css');
    webview.html = statisticsPage({
      statistics,
      styleUri: webview.asWebviewUri(style).toString(),
      cspSource: webview.cspSource,
    });
  }

  dispose(): void {
    this.#panel?.dispose();
  }
}
