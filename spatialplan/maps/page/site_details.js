// Everything that was found about one site, laid out under its row of the list.

function verdictChip(phrases, verdict) {
  return element("span", `chip verdict ${verdict}`, phrases[verdict]);
}

// Of ground in common, clear says that the rules ask for nothing, not that nothing was found.
function groundChip(phrases, verdict) {
  const chip = verdictChip(phrases, verdict);
  if (verdict === "clear") chip.textContent = phrases.ground_clear;
  return chip;
}

function factList(rows) {
  const list = element("dl", "facts");
  rows.forEach(([label, value]) => list.append(element("dt", "", label), element("dd", "", value)));
  return list;
}

function titledPart(title, ...content) {
  const part = element("section", "part");
  part.append(element("h3", "", title), ...content);
  return part;
}

function textList(rows, className) {
  const list = element("ul", `plain ${className}`);
  rows.forEach(([strong, text]) => {
    const item = element("li");
    if (strong) item.append(element("b", "", strong), " ");
    item.append(element("span", "", text));
    list.append(item);
  });
  return list;
}

function siteDetails(screening, site, showAt) {
  const { phrases, rules } = screening;
  const { details } = site;
  const body = element("div", "site-details");
  if (details.unplaced) body.append(element("p", "unplaced", details.unplaced));
  if (site.at) body.append(showButton(phrases, () => showAt(site.shape, site.at)));
  if (details.doubts) {
    const rows = details.doubts.map(([level, text]) => [phrases[`severity_${level}`], text]);
    body.append(titledPart(phrases.doubts, textList(rows, "doubts")));
  }
  if (!details.unplaced) {
    const listed = element("p", "listed", `${phrases.listed_verdict} `);
    listed.append(verdictChip(phrases, details.listed));
    body.append(listed, touchedLayers(phrases, rules, details.layers || []));
  }
  if (details.gaps) body.append(titledPart(phrases.own_gaps, textList(details.gaps, "own-gaps")));
  if (details.suggestion) body.append(suggestionPart(phrases, site, showAt));
  if (details.clear) body.append(titledPart(phrases.clear_layers, clearLayers(details.clear)));
  body.append(factList(details.facts));
  return body;
}

function showButton(phrases, action) {
  const button = element("button", "show", phrases.show_on_map);
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}

function clearLayers(rows) {
  return textList(rows.map(([title, distance, nearest]) => {
    const near = [distance, nearest].filter(Boolean).join(" · ");
    return [title, near];
  }), "clear-layers");
}

function touchedLayers(phrases, rules, layers) {
  if (!layers.length) return element("p", "quiet", phrases.nothing_touched);
  return titledPart(phrases.touched, ...layers.map((layer) => layerCard(phrases, rules, layer)));
}

function layerCard(phrases, rules, layer) {
  const card = element("div", `layer-card ${layer.verdict}`);
  const head = element("p", "layer-head");
  const title = element("b", "", layer.title);
  title.append(element("small", "", phrases[`status_${layer.status}`]));
  head.append(title, groundChip(phrases, layer.verdict));
  card.append(head, element("p", "sentence", layer.text));
  if (layer.figures) card.append(factList(layer.figures));
  if (layer.zones) {
    const rows = element("ul", "plain zones");
    layer.zones.forEach(([zone, verdict, area]) => {
      const row = element("li");
      row.append(element("b", "", zone), " ", element("span", "", area), " ",
        groundChip(phrases, verdict));
      rows.append(row);
    });
    card.append(element("p", "quiet", phrases.zones), rows);
  }
  if (layer.pieces) {
    card.append(element("p", "quiet", phrases.pieces.replace("{count}", layer.pieces)));
  }
  appendRules(phrases, card, (layer.rules || []).map((number) => rules[number]));
  return card;
}

// The two worst stand open; the others unfold, and stand open on paper.
function appendRules(phrases, card, found) {
  card.append(...found.slice(0, 2).map((rule) => ruleBox(phrases, rule)));
  if (found.length < 3) return;
  const more = element("details", "more-rules");
  more.append(element("summary", "", phrases.more_rules.replace("{count}", found.length - 2)),
    ...found.slice(2).map((rule) => ruleBox(phrases, rule)));
  card.append(more);
}

function ruleBox(phrases, rule) {
  const box = element("div", "rule-box");
  const head = element("p", "rule-need");
  head.append(groundChip(phrases, rule.verdict), ` ${phrases.need}${phrases.colon}`, element("b", "", rule.need));
  box.append(head);
  if (rule.activity) box.append(element("p", "", rule.activity));
  const rows = [];
  if (rule.authority) rows.push([phrases.authority, rule.authority]);
  if (rule.where) rows.push([phrases.jurisdiction, rule.where]);
  if (rule.note) rows.push([phrases.note, rule.note]);
  if (rows.length) box.append(factList(rows));
  const list = element("ul", "plain basis");
  rule.basis.forEach(([text, checked]) => {
    const item = element("li", "", `${phrases.basis}${phrases.colon}${text} `);
    item.append(element("em", checked ? "checked" : "unchecked",
      checked ? phrases.checked : phrases.unchecked));
    list.append(item);
  });
  box.append(list);
  return box;
}

// What a suggested place would be judged as, were it the site.
function judgedAs(phrases, verdict, reasons) {
  const line = element("p", "would-be", `${phrases.would_be} `);
  line.append(verdictChip(phrases, verdict));
  if (!reasons.length) return [line];
  return [line, textList(reasons.map((text) => ["", text]), "would-be-reasons")];
}

function suggestionPart(phrases, site, showAt) {
  const { suggestion } = site.details;
  const part = titledPart(phrases.suggestions);
  part.classList.add("suggestion");
  if (suggestion.free) {
    const line = element("p", "", `${phrases.free_part}${phrases.colon}${suggestion.free} `);
    if (site.free) line.append(showButton(phrases, () => showAt(site.free)));
    part.append(line, ...judgedAs(phrases, ...suggestion.free_judged));
  }
  if (suggestion.no_free) part.append(element("p", "", suggestion.no_free));
  const list = element("ol", "plain places");
  suggestion.places.forEach(([move, area, , verdict, reasons], row) => {
    const item = element("li", "", `${row + 1}. ${move} · ${area} `);
    item.append(showButton(phrases, () => showAt(site.places[row], null, site)));
    item.append(...judgedAs(phrases, verdict, reasons));
    list.append(item);
  });
  part.append(list);
  if (suggestion.limits.length) {
    part.append(textList(suggestion.limits.map((text) => ["", text]), "own-gaps"));
  }
  if (suggestion.why_none) part.append(element("p", "none", suggestion.why_none));
  if (suggestion.searched) part.append(element("p", "quiet", suggestion.searched));
  return part;
}
