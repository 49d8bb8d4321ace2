// What a browser with all its processes has used of the processors, by the kernel's account.
import { readdirSync, readFileSync } from "node:fs";

/** Of `getconf CLK_TCK`, which Linux fixes for programs. */
const TICKS_PER_S = 100;

const read = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
};
const numbered = (path) => {
  try {
    return readdirSync(path).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
};

/** The name, the parent and the ticks of a process or a thread, of proc(5) `stat`. */
function statOf(path) {
  const text = read(path);
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ");
  return { name: text.slice(text.indexOf("(") + 1, end), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}

/** The browsers that this process has started, with all that they have started. */
function browsers() {
  const all = new Map();
  for (const name of numbered("/proc")) {
    const stat = statOf(`/proc/${name}/stat`);
    if (stat) all.set(Number(name), stat);
  }
  const isOurs = (stat) => {
    for (let at = stat; at; at = all.get(at.parent)) {
      if (at.parent === process.pid) return /^chrom/.test(at.name);
    }
    return false;
  };
  return [...all].filter(([, stat]) => isOurs(stat)).map(([pid]) => pid);
}

/** Which of its processes a browser would call this, of its command line. */
function roleOf(pid) {
  const line = read(`/proc/${pid}/cmdline`) ?? "";
  const type = /--type=([\w-]+)/.exec(line)?.[1] ?? "browser";
  return type === "utility" ? (/--utility-sub-type=(\w+)/.exec(line)?.[1] ?? type) : type;
}

/** What each process and each thread has used so far, in seconds. */
export function used() {
  const account = { processes: new Map(), threads: new Map() };
  for (const pid of browsers()) {
    const whole = statOf(`/proc/${pid}/stat`);
    if (!whole) continue;
    const role = roleOf(pid);
    // Of threads that have ended, too.
    account.processes.set(pid, whole.ticks / TICKS_PER_S);
    for (const thread of numbered(`/proc/${pid}/task`)) {
      const stat = statOf(`/proc/${pid}/task/${thread}/stat`);
      if (stat) account.threads.set(`${pid} ${thread}`, { name: `${role}/${stat.name}`, seconds: stat.ticks / TICKS_PER_S });
    }
  }
  return account;
}

/** Seconds used between two accounts: in all, and by the name of the thread. */
export function between(before, after) {
  const gone = [...before.processes.keys()].filter((pid) => !after.processes.has(pid));
  if (gone.length > 0) throw new Error("a process of the browser has ended, and what it used is lost");
  let seconds = 0;
  for (const [pid, now] of after.processes) seconds += now - (before.processes.get(pid) ?? 0);
  const threads = {};
  for (const [id, { name, seconds: now }] of after.threads) {
    threads[name] = (threads[name] ?? 0) + now - (before.threads.get(id)?.seconds ?? 0);
  }
  return { seconds, threads };
}
