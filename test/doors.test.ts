import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
/** The sources behind the package's doors. */
const doors = Object.values<Record<string, string>>(manifest.exports).map((door) =>
  door['wgrad-source'].replace('./', ''),
);

it('every public name says what it is', () => {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  const program = ts.createProgram(doors, options);
  const checker = program.getTypeChecker();
  const silent: string[] = [];
  let count = 0;
  for (const door of doors) {
    const file = program.getSourceFile(door) as ts.SourceFile;
    for (const name of checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)) {
      const symbol = name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name;
      // A module under one name, as `init`, is what its parts are.
      if (symbol.flags & ts.SymbolFlags.ValueModule) continue;
      count++;
      if (symbol.getDocumentationComment(checker).length === 0) silent.push(`${door}: ${name.name}`);
    }
  }
  expect(count).toBeGreaterThan(400);
  expect(silent).toEqual([]);
});
