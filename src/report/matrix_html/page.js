"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const grid = document.getElementById("grid");
  const details = document.getElementById("details");
  const rows = [...grid.tBodies[0].rows];
  const heads = [...grid.tHead.rows[0].cells].slice(1);
  const label = (at) => rows[at].cells[0].textContent;
  const service = (path) => path.slice(1, path.lastIndexOf("/"));
  const LEVELS = ["", "note", "warning", "error"];
  const LOOKS = ["", "ok", "degrades", "breaks"];
  let only = "";
  let opened = null;

  /* The more calls fail, the warmer. */
  const warmth = (calls) => (calls > 15 ? " w4" : calls > 5 ? " w3" : calls > 1 ? " w2" : "");

  /* The findings of a cell, by method. */
  function findings(row, column) {
    const found = [];
    data.methods.forEach((path, at) => {
      const client = data.rows[row][at], server = data.columns[column][at];
      if (only && service(path) !== only) return;
      const [kinds, answers] = data.answers[at];
      const answer = answers[client * kinds + server];
      if (answer) found.push({ at, path, all: answer.map((it) => data.findings[it]) });
    });
    return found;
  }

  function judged(row, column) {
    const found = findings(row, column);
    const open = (it) => it.all.filter((one) => !one.accepted);
    const level = Math.max(0, ...found.flatMap((it) => open(it).map((one) => one.level)));
    const failing = found.filter((it) => open(it).some((one) => one.fails)).length;
    const fails = (it) => open(it).some((one) => one.fails);
    const settled = found.filter((it) => !fails(it) && open(it).some((one) => one.settled)).length;
    if (data.unknown_rows[row] || data.unknown_columns[column]) {
      return { look: "unknown", sign: "?", said: "unknown", failing, found };
    }
    const look = level === 3 ? "breaks" : level === 2 ? "degrades" : "ok";
    const sign = look === "ok" ? "·" : look === "degrades" ? "~" : failing || "×";
    const calls = failing ? `, ${failing} ${failing === 1 ? "call fails" : "calls fail"}` : "";
    const rest = settled ? `, ${settled} ${settled === 1 ? "call" : "calls"} not made or handled` : "";
    const warm = look === "breaks" ? look + warmth(failing) : look;
    return { look: warm, sign: String(sign), said: look + calls + rest, failing, found };
  }

  function ends(row, column) {
    return `${label(row)} client, ${heads[column].textContent} server`;
  }

  function repaint() {
    rows.forEach((tr, row) => heads.forEach((_, column) => {
      const td = tr.cells[column + 1];
      if (td.className === "out") return;
      const cell = judged(row, column);
      td.className = cell.look;
      td.textContent = cell.sign;
      td.title = `${ends(row, column)}: ${cell.said}`;
      td.setAttribute("aria-label", td.title);
    }));
    if (opened) open(...opened);
  }

  function element(name, text, look) {
    const it = document.createElement(name);
    it.textContent = text;
    if (look) it.className = look;
    return it;
  }

  function open(row, column) {
    if (rows[row].cells[column + 1].className === "out") return;
    if (opened) rows[opened[0]].cells[opened[1] + 1].classList.remove("open");
    opened = [row, column];
    rows[row].cells[column + 1].classList.add("open");
    const cell = judged(row, column);
    details.replaceChildren(element("h2", `${ends(row, column)}: ${cell.said}`));
    const reasons = [data.unknown_rows[row], data.unknown_columns[column]];
    new Set(reasons.filter(Boolean)).forEach((it) => details.append(element("p", it)));
    if (!cell.found.length) details.append(element("p", "Nothing differs that a call carries."));
    const loudest = (it) => Math.max(...it.all.map((one) => (one.accepted ? 0 : one.level)));
    cell.found.sort((a, b) => loudest(b) - loudest(a));
    for (const { at, path, all } of cell.found) {
      details.append(element("h3", path));
      const list = document.createElement("ul");
      for (const one of [...all].sort((a, b) => b.level - a.level)) {
        const item = document.createElement("li");
        const level = one.accepted ? "accepted" : LEVELS[one.level];
        item.append(element("span", level, `level ${one.accepted ? "ok" : LOOKS[one.level]}`));
        item.append(` ${one.text} `, element("span", `${one.rule}, ${one.on}`, "rule"));
        list.append(item);
        if (!one.fails && !one.settled) continue;
        const servers = one.rule === "rpc-refused" ? data.servers[column][at] || [] : [];
        const said = document.createElement("ul");
        const newer = data.row_spans[row][1] < data.column_spans[column][0];
        const callers = (newer && data.with_newer[row][at]) || data.callers[row][at] || [];
        said.append(...[...servers, ...callers].map((it) => element("li", it)));
        if (said.children.length) item.append(said);
      }
      details.append(list);
    }
  }

  function place(td) {
    return td && td.tagName === "TD" && td.parentNode.parentNode === grid.tBodies[0]
      ? [td.parentNode.sectionRowIndex, td.cellIndex - 1]
      : null;
  }

  function mark(at) {
    grid.querySelectorAll(".here").forEach((it) => it.classList.remove("here"));
    if (!at) return;
    rows[at[0]].classList.add("here");
    heads[at[1]].classList.add("here");
  }

  function focus(row, column) {
    row = Math.min(Math.max(row, 0), rows.length - 1);
    column = Math.min(Math.max(column, 0), heads.length - 1);
    grid.querySelectorAll("td[tabindex='0']").forEach((it) => { it.tabIndex = -1; });
    const td = rows[row].cells[column + 1];
    td.tabIndex = 0;
    td.focus();
  }

  grid.addEventListener("click", (event) => {
    const at = place(event.target);
    if (at) { focus(...at); open(...at); }
  });
  grid.addEventListener("focusin", (event) => mark(place(event.target)));
  grid.addEventListener("mouseover", (event) => mark(place(event.target)));
  grid.addEventListener("keydown", (event) => {
    const at = place(event.target);
    if (!at) return;
    const [row, column] = at;
    const moves = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [row, 0], End: [row, heads.length - 1],
      PageUp: [row - 10, column], PageDown: [row + 10, column],
    };
    if (moves[event.key]) { event.preventDefault(); focus(...moves[event.key]); }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(row, column); }
  });

  const services = [...new Set(data.methods.map(service))].sort();
  const filter = document.getElementById("filter");
  const choice = document.createElement("select");
  choice.id = "service";
  choice.append(new Option("all services", ""), ...services.map((it) => new Option(it, it)));
  choice.addEventListener("change", () => { only = choice.value; repaint(); });
  const name = element("label", "Calls of");
  name.htmlFor = "service";
  filter.append(name, choice, element("span", " Arrow keys walk, Enter opens a cell.", "rule"));
  document.body.classList.add("script");
  grid.setAttribute("role", "grid");
  rows.forEach((tr) => [...tr.cells].slice(1).forEach((td) => {
    td.tabIndex = -1;
    td.setAttribute("role", "gridcell");
    td.setAttribute("aria-label", td.title);
  }));
  if (rows.length && heads.length) rows[0].cells[1].tabIndex = 0;
})();
