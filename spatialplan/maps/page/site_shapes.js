// Sites on the map: outlines by verdict, their pieces and suggestions, numbers, and the one chosen.

// From the ground up; what is free must not hide the verdict.
const SITE_PARTS = ["free", "site", "piece", "place"];
const NUMBER_LIMIT = 250;
const SMALL_PIXELS = 16;
const MANY_SITES = 150;
const DOT_LIMIT = 50;
// Suggestions of more sites than this would cover the map: only the chosen site's are drawn.
const SUGGESTED_LIMIT = 6;
const SUGGESTED_PARTS = ["free", "place"];

// Everything is on the map's one canvas: a browser prints a second one as an opaque sheet.
function drawSites(map, screening, names) {
  map.createPane("arrows").style.zIndex = 610;
  const drawn = {
    screening,
    names,
    groups: new Map(),
    off: new Set(),
    chosen: null,
    arrows: [],
    highlight: L.featureGroup(),
    numbers: makeNumberPane(map),
  };
  drawn.all = [...screening.list, ...screening.rest];
  const suggested = screening.list.filter((site) => (site.places || []).length || site.free);
  drawn.crowded = suggested.length > SUGGESTED_LIMIT;
  // The worst last, so that it lies on top.
  [...drawn.all].reverse().forEach((site) => addSite(map, drawn, site));
  const size = () => {
    drawn.all.forEach((site) => sizeDots(map, site));
    drawn.arrows.forEach((arrow) => sizeArrow(map, arrow));
  };
  map.on("zoomend", size);
  map.on("zoomend moveend resize viewreset", () => placeNumbers(map, drawn));
  map.on("layershown", () => drawn.refresh());
  drawn.refresh = () => showSites(map, drawn);
  drawn.refresh();
  size();
  return drawn;
}

function groupOf(drawn, site, part) {
  const { verdict } = site;
  const owner = drawn.crowded && SUGGESTED_PARTS.includes(part) ? site : null;
  const key = owner ? `${site.no} ${part}` : `${verdict} ${part}`;
  if (!drawn.groups.has(key)) {
    drawn.groups.set(key, { verdict, part, owner, group: L.layerGroup() });
  }
  return drawn.groups.get(key).group;
}

function isOff(drawn, site, part) {
  return drawn.off.has(`verdict:${site.verdict}`) || drawn.off.has(`part:${part}`);
}

function isShown(drawn, site, part) {
  if (isOff(drawn, site, part)) return false;
  return !drawn.crowded || !SUGGESTED_PARTS.includes(part) || site === drawn.chosen;
}

function sitePath(drawn, look) {
  drawn.options = drawn.options || new Map();
  if (!drawn.options.has(look)) {
    drawn.options.set(look, pathOptions({ look, kind: "piece" }));
  }
  return drawn.options.get(look);
}

function addShape(drawn, site, part, geometry, look) {
  const style = () => sitePath(drawn, look);
  const shape = L.geoJSON(geometry, { style, interactive: false });
  shape.addTo(groupOf(drawn, site, part));
}

function addSite(map, drawn, site) {
  const { verdicts, parts } = drawn.screening;
  if (site.shape) addShape(drawn, site, "site", site.shape, verdicts[site.verdict]);
  (site.pieces || []).forEach(([shape]) => addShape(drawn, site, "piece", shape, parts.piece));
  if (site.free) addShape(drawn, site, "free", site.free, parts.free);
  (site.places || []).forEach((shape, row) => {
    addShape(drawn, site, "place", shape, parts.place);
    if (site.details.suggestion.places[row][2]) addArrow(drawn, site, shape, row);
  });
  if (site.at) addDots(drawn, site);
}

// A dot stands for each part of a site that is too small to be seen at the current scale.
function addDots(drawn, site) {
  const look = drawn.screening.verdicts[site.verdict];
  const many = drawn.all.length > MANY_SITES;
  const style = many ? { radius: 3.5, weight: 1.5, dashArray: null } : { radius: 6 };
  site.dots = partBounds(site).map((bounds) => {
    const place = site.shape ? bounds.getCenter() : site.at;
    const dot = L.circleMarker(place, {
      ...sitePath(drawn, look), ...style, fillColor: look.fill, fillOpacity: 0.35,
    });
    return { dot: dot.addTo(groupOf(drawn, site, "site")), bounds };
  });
}

function partBounds(site) {
  if (!site.shape) return [L.latLngBounds([site.at])];
  const { type, coordinates } = site.shape;
  const parts = type === "MultiPolygon" ? coordinates.slice(0, DOT_LIMIT) : [coordinates];
  return parts.map((part) => latLngBounds({ geometry: { coordinates: part } }));
}

function sizeDots(map, site) {
  (site.dots || []).forEach((part) => {
    const low = map.latLngToLayerPoint(part.bounds.getSouthWest());
    const high = map.latLngToLayerPoint(part.bounds.getNorthEast());
    const small = low.distanceTo(high) < SMALL_PIXELS;
    if (part.small === small) return;
    part.small = small;
    part.dot.setStyle({ opacity: small ? 1 : 0, fillOpacity: small ? 0.35 : 0 });
  });
  site.small = Boolean(site.dots) && site.dots.every((part) => part.small);
}

// From the site to the place, with the distance to move beside its middle.
function addArrow(drawn, site, shape, row) {
  const look = drawn.screening.parts.place;
  const end = latLngBounds({ geometry: shape }).getCenter();
  const start = latLngBounds({ geometry: site.shape }).getCenter();
  const group = groupOf(drawn, site, "place");
  L.polyline([start, end], { interactive: false, color: look.line, weight: 1.6 }).addTo(group);
  const angle = Math.atan2(
    (end.lng - start.lng) * Math.cos((end.lat * Math.PI) / 180), end.lat - start.lat);
  const distance = site.details.suggestion.places[row][2];
  const label = element("div", "site-arrow");
  const head = element("i");
  head.style.transform = `rotate(${angle}rad)`;
  label.append(head, element("span", "", distance));
  const icon = L.divIcon({ className: "arrow-icon", html: label, iconSize: [0, 0] });
  L.marker(end, { icon, interactive: false, keyboard: false, pane: "arrows" }).addTo(group);
  drawn.arrows.push({ start, end, label });
}

// Too short to be told apart, arrows go without head and distance.
function sizeArrow(map, { start, end, label }) {
  label.hidden = map.latLngToLayerPoint(start).distanceTo(map.latLngToLayerPoint(end)) < 34;
}

function showSites(map, drawn) {
  SITE_PARTS.forEach((part) => drawn.groups.forEach((entry) => {
    if (entry.part !== part) return;
    entry.group.remove();
    const owner = entry.owner || { verdict: entry.verdict };
    if (entry.owner ? isShown(drawn, owner, part) : !isOff(drawn, owner, part)) {
      entry.group.addTo(map);
    }
  }));
  drawn.highlight.remove().addTo(map);
  placeNumbers(map, drawn);
}

function makeNumberPane(map) {
  const pane = map.createPane("numbers");
  pane.style.zIndex = 630;
  pane.classList.add("leaflet-zoom-hide");
  return pane;
}

// The worst sites have their numbers first; where two would meet, the later one goes without.
function placeNumbers(map, drawn) {
  const seen = map.getBounds().pad(0.02);
  const taken = new Set();
  const labels = [];
  const order = drawn.chosen ? [drawn.chosen, ...drawn.all] : drawn.all;
  for (const site of order) {
    if (labels.length >= NUMBER_LIMIT) break;
    if (!site.at || drawn.off.has(`verdict:${site.verdict}`) || !seen.contains(site.at)) continue;
    const spot = map.latLngToLayerPoint(site.at);
    const cell = [Math.round(spot.x / 30), Math.round(spot.y / 20)];
    if (taken.has(cell.join())) continue;
    for (const x of [-1, 0, 1]) for (const y of [-1, 0, 1]) {
      taken.add([cell[0] + x, cell[1] + y].join());
    }
    const label = element("div", `site-number ${site.verdict}`, String(site.no));
    if (site.small) label.classList.add("beside");
    if (site === drawn.chosen) label.classList.add("chosen");
    L.DomUtil.setPosition(label, spot);
    labels.push(label);
  }
  drawn.numbers.replaceChildren(...labels);
  // A township's name gives way to a number.
  drawn.names.place();
}

function highlightSite(map, drawn, site) {
  drawn.chosen = site;
  drawn.highlight.clearLayers();
  if (drawn.crowded) drawn.refresh();
  if (!site || !site.at) return placeNumbers(map, drawn);
  const line = { fill: false, interactive: false, lineJoin: "round" };
  [["#fff", 8], ["#111", 3.5]].forEach(([color, weight]) => {
    const style = { ...line, color, weight };
    const shape = site.shape ? L.geoJSON(site.shape, { style, interactive: false })
      : L.circleMarker(site.at, { ...style, radius: 11 });
    shape.addTo(drawn.highlight);
  });
  placeNumbers(map, drawn);
}

// What of the sites lies at a place, for the popup: pieces, suggestions, then the sites themselves.
function sitesAt(drawn, lng, lat, slack) {
  const isOn = (site, part) => isShown(drawn, site, part);
  const hits = (geometry) => isInside({ geometry }, lng, lat, slack);
  const { verdicts, parts, phrases } = drawn.screening;
  const found = [];
  drawn.screening.list.forEach((site) => {
    if (!site.shape || !isOn(site, "site")) return;
    const number = phrases.site_number.replace("{number}", site.no);
    const tell = (look, title, name, note) => found.push({
      site, look, title, facts: { name, note },
    });
    if (hits(site.shape)) {
      tell(verdicts[site.verdict], `${number} · ${phrases[site.verdict]}`, site.name, `${site.ha} ha`);
    }
    if (isOn(site, "piece")) {
      (site.pieces || []).filter(([shape]) => hits(shape)).slice(0, 3)
        .forEach(([, layer, text]) => tell(parts.piece, `${number} · ${layer}`, text));
    }
    if (isOn(site, "free") && site.free && hits(site.free)) {
      const { free, free_judged: [verdict] } = site.details.suggestion;
      tell(parts.free, `${number} · ${phrases.free_part}`, free,
        `${phrases.would_be} ${phrases[verdict]}`);
    }
    if (isOn(site, "place")) {
      (site.places || []).forEach((shape, row) => {
        const [move, area, , verdict] = site.details.suggestion.places[row];
        if (hits(shape)) {
          tell(parts.place, `${number} · ${phrases.suggestions}`, move,
            `${area} · ${phrases.would_be} ${phrases[verdict]}`);
        }
      });
    }
  });
  drawn.screening.rest.forEach((site) => {
    if (!site.at || !isOn(site, "site")) return;
    if (Math.abs(site.at[0] - lat) < slack && Math.abs(site.at[1] - lng) < slack) {
      const number = phrases.site_number.replace("{number}", site.no);
      const title = `${number} · ${phrases[site.verdict]}`;
      const facts = { name: site.name, note: `${site.ha} ha` };
      found.push({ site: null, look: verdicts[site.verdict], title, facts });
    }
  });
  return found.slice(0, 12);
}
