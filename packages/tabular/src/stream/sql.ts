import type { DuckDBConnection, DuckDBInstance, DuckDBVector } from "@duckdb/node-api";
import { checkOptions, DataError, OptionError } from "@layerwise/core";
import { Column } from "../table/column.ts";
import { Table } from "../table/table.ts";
import type { TableSource } from "./tableSource.ts";

export interface SqlOptions {
  /** Database file. @defaultValue none: a new database in memory, whose queries may read files */
  database?: string;
  /** Most memory that the database may take, such as "500MB". @defaultValue its own */
  memoryLimit?: string;
  /** Threads of the database. @defaultValue as many as cores */
  threads?: number;
  /** Rows of a piece. @defaultValue 65,536 */
  chunkRows?: number;
}

/**
 * The result of a query in one table. DuckDB answers it, also over files: `SELECT * FROM 'sales/*.parquet'`.
 * @throws {@link DataError} for a query that DuckDB refuses, {@link OptionError} if it is not installed
 */
export async function readSql(query: string, options: SqlOptions = {}): Promise<Table> {
  const parts: Table[] = [];
  for await (const chunk of sqlChunks(query, options)) parts.push(chunk);
  return Table.concat(parts);
}

/** A Parquet file, or several by a pattern, in one table. */
export function readParquet(path: string, options: SqlOptions = {}): Promise<Table> {
  return readSql(`SELECT * FROM read_parquet('${path.replaceAll("'", "''")}')`, options);
}

/** The result of a query in pieces: it is computed no further than it is read. */
export async function* sqlChunks(query: string, options: SqlOptions = {}): AsyncGenerator<Table> {
  checkOptions("readSql", options, { database: true, memoryLimit: true, threads: true, chunkRows: true });
  const { chunkRows = 65_536 } = options;
  const { instance, connection } = await connect(options);
  try {
    const result = await answered(query, () => plainColumns(connection, query).then((sql) => connection.stream(sql)));
    const names = result.columnNames();
    let parts: Table[] = [];
    let rows = 0;
    let any = false;
    for (;;) {
      const chunk = await answered(query, () => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) break;
      parts.push(new Table(names.map((name, i) => [name, columnOf(chunk.getColumnVector(i), chunk.rowCount, name)])));
      rows += chunk.rowCount;
      if (rows < chunkRows) continue;
      yield Table.concat(parts);
      [parts, rows, any] = [[], 0, true];
    }
    if (parts.length > 0) yield Table.concat(parts);
    else if (!any) yield Table.empty(names);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A query as a source to train from: read anew in every epoch, in bounded memory. */
export async function sqlSource(query: string, options: SqlOptions = {}): Promise<TableSource> {
  const count = await readSql(`SELECT count(*) AS n FROM (${query})`, options);
  return {
    rows: Number(count.row(0).n),
    chunks: () => sqlChunks(query, options),
    sample: (rows) => readSql(`SELECT * FROM (${query}) USING SAMPLE reservoir(${rows} ROWS) REPEATABLE (42)`, options),
  };
}

async function connect(options: SqlOptions): Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> {
  const { database = ":memory:", memoryLimit, threads } = options;
  const { DuckDBInstance } = await import("@duckdb/node-api").catch((cause: unknown) => {
    throw new OptionError("readSql", {
      given: "no DuckDB",
      expected: "the package @duckdb/node-api",
      fix: "npm install @duckdb/node-api",
      cause,
    });
  });
  const instance = await answered(database, () =>
    DuckDBInstance.create(database, {
      ...(memoryLimit && { memory_limit: memoryLimit }),
      ...(threads && { threads: String(threads) }),
      ...(database === ":memory:" ? {} : { access_mode: "READ_ONLY" }),
    }),
  );
  return { instance, connection: await instance.connect() };
}

/** The query with every column as a number, a boolean or text. */
async function plainColumns(connection: DuckDBConnection, query: string): Promise<string> {
  const described = await connection.runAndReadAll(`DESCRIBE ${query}`);
  const columns = described.getRowObjects().map((row) => {
    const [name, type] = [String(row.column_name).replaceAll('"', '""'), String(row.column_type)];
    return `${plainColumn(`"${name}"`, type)} AS "${name}"`;
  });
  return `SELECT ${columns.join(", ")} FROM (${query})`;
}

/** Dates come as milliseconds since 1970, under a boolean that says so. */
function plainColumn(name: string, type: string): string {
  if (/^(TINYINT|SMALLINT|INTEGER|UTINYINT|USMALLINT)$/.test(type)) return `${name}::INTEGER`;
  if (/^(UINTEGER|BIGINT)$/.test(type)) return `${name}::BIGINT`;
  if (/^(FLOAT|DOUBLE|DECIMAL|HUGEINT|UBIGINT|UHUGEINT)/.test(type)) return `${name}::DOUBLE`;
  if (type === "BOOLEAN") return name;
  if (/^(DATE|TIMESTAMP)/.test(type)) return `${name}::TIMESTAMP_MS`;
  return `${name}::VARCHAR`;
}

function columnOf(vector: DuckDBVector, rows: number, name: string): Column {
  const item = (i: number): unknown => vector.getItem(i);
  const type = String(vector.type);
  if (type === "VARCHAR") return Column.from(Array.from({ length: rows }, (_, i) => item(i) as string | null));
  const values = new Float64Array(rows);
  let isFloat = type === "DOUBLE";
  for (let i = 0; i < rows; i++) {
    const value = item(i);
    if (value === null) values[i] = Number.NaN;
    else values[i] = typeof value === "bigint" ? wholeNumber(value, name) : millisOrNumber(value);
    isFloat ||= value === null;
  }
  if (type === "BOOLEAN") return Column.ofFlags(values);
  if (type.startsWith("TIMESTAMP")) return new Column("date", values);
  return isFloat ? new Column("float", values) : Column.ofNumbers(values);
}

function millisOrNumber(value: unknown): number {
  return typeof value === "object" ? Number((value as { millis: bigint }).millis) : Number(value);
}

function wholeNumber(value: bigint, name: string): number {
  if (Number.isSafeInteger(Number(value))) return Number(value);
  throw new DataError("readSql", {
    given: `${value} in the column "${name}"`,
    expected: "whole numbers up to 2^53, which numbers can hold",
    fix: `select \`CAST(${name} AS VARCHAR)\` for ids`,
  });
}

async function answered<T>(query: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new DataError("readSql", {
      given: `${query.length > 100 ? `${query.slice(0, 100)}…` : query}: ${cause instanceof Error ? cause.message : cause}`,
      expected: "a query that DuckDB can answer",
      cause,
    });
  }
}
