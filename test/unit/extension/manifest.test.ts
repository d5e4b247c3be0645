import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../../src/extension/commandIds';
import {
  FRACTION_SETTINGS,
  NUMBER_SETTINGS,
  settingValues,
  VARIANT_CHOICES,
  type SettingValues,
} from '../../../src/extension/settingValues';
import { CATALOGUE } from '../../../src/inference/store/catalogue';

interface Property {
  readonly type: string;
  readonly default: unknown;
  readonly scope: string;
  readonly enum?: readonly string[];
  readonly enumItemLabels?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, { readonly type: string; readonly default: boolean }>>;
  readonly markdownDescription: string;
}

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: string[] } };
  readonly contributes: {
    readonly commands: readonly { command: string; title: string; category: string }[];
    readonly keybindings: readonly { command: string; key: string; when: string }[];
    readonly menus: { readonly commandPalette: readonly { command: string }[] };
    readonly configuration: { readonly properties: Record<string, Property> };
  };
}

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const { commands, keybindings, menus, configuration } = manifest.contributes;

  it('declares exactly the commands that the code registers', () => {
    assert.deepEqual(commands.map(({ command }) => command).sort(), Object.values(COMMANDS).sort());
    for (const { category, title } of commands) {
      assert.equal(category, 'Qwen Coder');
      assert.notEqual(title, '');
    }
  });

  it('binds keys and menus to declared commands only', () => {
    const declared = new Set(commands.map(({ command }) => command));
    const own = keybindings.filter(({ command }) => !command.startsWith('editor.action.inlineSuggest.'));
    for (const { command } of [...own, ...menus.commandPalette]) assert.ok(declared.has(command), command);
  });

  it('takes a key of the editor for a suggestion only while one is visible', () => {
    const editors = keybindings.filter(({ command }) => command.startsWith('editor.action.inlineSuggest.'));
    assert.ok(editors.length > 0);
    for (const { when } of editors) assert.match(when, /^inlineSuggestionVisible && /);
  });

  it('takes no key that types a character with AltGr, which is Ctrl+Alt on Windows', () => {
    for (const { key } of keybindings) assert.doesNotMatch(key, /ctrl\+alt|alt\+ctrl/);
  });

  it('declares exactly the settings that the code reads, with the same defaults', () => {
    const defaults = settingValues(() => undefined);
    const declared = Object.fromEntries(
      Object.entries(configuration.properties).map(([name, property]) => [name, property.default]),
    );
    const expected = Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [`qwenCoder.${name}`, value as unknown]),
    );
    assert.deepEqual(declared, expected);
  });

  for (const [name, bounds] of Object.entries(NUMBER_SETTINGS)) {
    it(`gives ${name} the bounds that the code enforces`, () => {
      const property = configuration.properties[`qwenCoder.${name}`];
      const fraction = FRACTION_SETTINGS.has(name as keyof typeof NUMBER_SETTINGS);
      assert.ok(property);
      assert.equal(property.type, fraction ? 'number' : 'integer');
      assert.deepEqual(
        { minimum: property.minimum, maximum: property.maximum },
        { minimum: bounds.minimum, maximum: bounds.maximum },
      );
    });
  }

  it('offers exactly the variants and models that there are', () => {
    const { 'qwenCoder.variant': variant, ...others } = configuration.properties;
    assert.deepEqual(variant?.enum, VARIANT_CHOICES);
    assert.equal(variant.enumDescriptions?.length, VARIANT_CHOICES.length);
    for (const name of ['qwenCoder.completionModel', 'qwenCoder.chatModel']) {
      assert.deepEqual(others[name]?.enum, ['', ...CATALOGUE.map(({ id }) => id)]);
      assert.deepEqual(
        others[name].enumItemLabels?.slice(1),
        CATALOGUE.map((model) => model.name),
      );
    }
  });

  it('has a switch for every source of context', () => {
    const { properties = {} } = configuration.properties['qwenCoder.contextSources'] ?? {};
    const switches = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, property.default]),
    );
    assert.deepEqual(switches, settingValues(() => undefined).contextSources);
  });

  it('lets a workspace choose nothing that the engine is made from', () => {
    const names: (keyof SettingValues)[] = [
      'completionModel',
      'chatModel',
      'variant',
      'threads',
      'contextTokens',
      'idleMinutes',
    ];
    for (const name of names) assert.equal(configuration.properties[`qwenCoder.${name}`]?.scope, 'machine');
  });

  it('keeps paths and addresses out of the reach of a workspace', () => {
    const names: (keyof SettingValues)[] = ['modelPath', 'hubEndpoint'];
    for (const name of names) assert.equal(configuration.properties[`qwenCoder.${name}`]?.scope, 'machine');
    assert.deepEqual(
      manifest.capabilities.untrustedWorkspaces.restrictedConfigurations,
      names.map((name) => `qwenCoder.${name}`),
    );
  });

  it('has an icon of the size that a marketplace wants', () => {
    const png = readFileSync(manifest.icon);
    assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [128, 128]);
  });
});
