// The list of sites: filters, search, and the way from a row to its place and back.

// Laid out before the map is first seen; the others follow at once.
const FIRST_ROWS = 100;

function wireSites(map, panel, contents, labels) {
  const { screening } = contents;
  const drawn = drawSites(map, screening, labels);
  const state = { map, panel, drawn, screening, rows: new Map(), open: null };
  fillTable(state);
  wireFilters(state);
  addViews(map, contents);
  return {
    at: (lng, lat, slack) => popupItems(state, lng, lat, slack),
    open: (no) => openSite(state, no),
    close: () => closeSite(state),
  };
}

function fillTable(state) {
  const body = state.panel.querySelector(".site-table tbody");
  const rows = state.screening.list.map((site) => {
    const row = siteRow(state, site);
    state.rows.set(site.no, { site, row, text: `${site.name} ${site.id} ${site.no}`.toLowerCase() });
    return row;
  });
  body.append(...rows.slice(0, FIRST_ROWS));
  state.addRows = () => body.append(...rows.filter((row) => !row.isConnected));
  if (rows.length > FIRST_ROWS) setTimeout(() => state.addRows(), 0);
}

function siteRow(state, site) {
  const row = element("tr", "site-row");
  row.dataset.no = site.no;
  const name = element("td", "site-name");
  const button = element("button", "", site.name);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  name.append(button);
  if (site.id !== site.name) name.append(element("small", "", site.id));
  if (site.details.unplaced) name.append(element("small", "unplaced", site.details.unplaced));
  const verdict = element("td");
  verdict.append(verdictChip(state.screening.phrases, site.verdict));
  if (site.verdict === "not_evaluated" && site.details.listed === "clear") {
    verdict.append(element("small", "listed-clear", state.screening.phrases.listed_clear));
  }
  row.append(element("td", "number", String(site.no)), name, element("td", "number", site.ha), verdict);
  row.addEventListener("click", () => {
    if (state.open === site.no) closeSite(state);
    else openSite(state, site.no);
  });
  return row;
}

function closeSite(state) {
  if (state.open === null) return;
  const { row } = state.rows.get(state.open);
  row.classList.remove("open");
  row.querySelector("button").setAttribute("aria-expanded", "false");
  if (row.nextSibling && row.nextSibling.classList.contains("details-row")) row.nextSibling.remove();
  state.open = null;
  highlightSite(state.map, state.drawn, null);
}

function openSite(state, no) {
  const entry = state.rows.get(no);
  if (!entry) return;
  if (!entry.row.isConnected) state.addRows();
  closeSite(state);
  const { site, row } = entry;
  state.open = no;
  row.classList.add("open");
  row.querySelector("button").setAttribute("aria-expanded", "true");
  const cell = element("td");
  cell.colSpan = 4;
  cell.append(siteDetails(state.screening, site, (shape, at, from) => {
    setSheet(state.panel, false);
    goTo(state, shape, at, from);
  }));
  const details = element("tr", "details-row");
  details.append(cell);
  row.after(details);
  row.hidden = false;
  highlightSite(state.map, state.drawn, site);
  if (site.at) goTo(state, site.shape, site.at);
  row.scrollIntoView({ block: "start" });
}

// Where the sheet of a phone covers the map, the place is shown above it.
function goTo(state, shape, at, from) {
  const bounds = shape ? latLngBounds({ geometry: shape }) : L.latLngBounds([at]);
  if (from) bounds.extend(latLngBounds({ geometry: from.shape }));
  const sheet = state.panel.getBoundingClientRect();
  const covered = state.map.getContainer().getBoundingClientRect().bottom - sheet.top;
  const bottom = window.innerWidth <= 760 ? Math.max(0, covered) : 0;
  state.map.fitBounds(bounds.pad(0.35), {
    maxZoom: 17, animate: false, paddingBottomRight: [0, bottom],
  });
}

function wireFilters(state) {
  const { panel, drawn } = state;
  const find = panel.querySelector(".find");
  const boxes = [...panel.querySelectorAll("[data-verdict]")];
  const switches = [...panel.querySelectorAll("[data-layer]")];
  const legend = switches.filter((input) => /^(verdict|part):/.test(input.dataset.layer));
  const apply = (key, shown) => {
    if (shown) drawn.off.delete(key);
    else drawn.off.add(key);
    boxes.concat(legend).forEach((input) => {
      const own = input.dataset.layer || `verdict:${input.dataset.verdict}`;
      if (own === key) input.checked = shown;
    });
    drawn.refresh();
    filterRows(state, find.value);
  };
  legend.forEach((input) => {
    input.checked = true;
    input.addEventListener("change", () => apply(input.dataset.layer, input.checked));
  });
  boxes.forEach((input) => {
    input.checked = true;
    input.addEventListener("change", () => apply(`verdict:${input.dataset.verdict}`, input.checked));
  });
  find.value = "";
  find.addEventListener("input", () => filterRows(state, find.value));
  filterRows(state, "");
}

function filterRows(state, wanted) {
  const text = wanted.trim().toLowerCase();
  let count = 0;
  state.rows.forEach(({ site, row, text: own }) => {
    const shown = own.includes(text) && !state.drawn.off.has(`verdict:${site.verdict}`);
    row.hidden = !shown;
    count += shown ? 1 : 0;
    if (!shown && state.open === site.no) closeSite(state);
  });
  state.panel.querySelector(".no-match").hidden = count > 0;
  state.panel.querySelector(".tally").textContent = `${count} / ${state.rows.size}`;
}

function popupItems(state, lng, lat, slack) {
  return sitesAt(state.drawn, lng, lat, slack).map(({ site, look, title, facts }) => {
    const item = describe({ look, title }, facts);
    if (site) {
      const button = element("button", "show", state.screening.phrases.details);
      button.type = "button";
      button.addEventListener("click", () => {
        state.map.closePopup();
        state.panel.querySelector('[data-tab="results"]').click();
        openSite(state, site.no);
      });
      item.append(button);
    }
    return item;
  });
}

// Two buttons under the zoom: all sites, and the whole region.
function addViews(map, contents) {
  const { phrases } = contents.screening;
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const box = element("div", "views");
    const add = (text, bounds) => {
      const button = element("button", "", text);
      button.type = "button";
      button.addEventListener("click", () => map.fitBounds(bounds, { padding: [14, 14], animate: false }));
      box.append(button);
    };
    add(phrases.all_sites, contents.home);
    add(phrases.whole_region, contents.whole);
    L.DomEvent.disableClickPropagation(box);
    return box;
  };
  control.addTo(map);
}
