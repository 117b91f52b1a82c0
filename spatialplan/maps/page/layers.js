// Layers in their drawing order, and what the page says about a place.

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// A canvas takes a pattern wherever it takes a colour.
function hatchPattern(kind, colour, opacity) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 7;
  const pen = tile.getContext("2d");
  pen.strokeStyle = pen.fillStyle = colour;
  pen.globalAlpha = opacity;
  pen.lineWidth = 0.9;
  pen.beginPath();
  const rising = kind === "slant" || kind === "cross";
  const falling = kind === "back" || kind === "cross";
  [-7, 0, 7].forEach((shift) => {
    if (rising) pen.moveTo(shift - 1, 8), pen.lineTo(shift + 8, -1);
    if (falling) pen.moveTo(shift - 1, -1), pen.lineTo(shift + 8, 8);
  });
  if (kind === "level") pen.moveTo(0, 3.5), pen.lineTo(7, 3.5);
  if (kind === "dots") pen.fillRect(2, 2, 2, 2);
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function pathOptions(layer) {
  const look = layer.look;
  return {
    interactive: false,
    color: look.line,
    weight: look.weight,
    opacity: look.line_opacity,
    dashArray: look.dash || null,
    fill: Boolean(look.fill),
    fillColor: look.hatch ? hatchPattern(look.hatch, look.fill, look.fill_opacity) : look.fill,
    fillOpacity: look.hatch ? 1 : look.fill_opacity,
    smoothFactor: layer.kind === "piece" ? 0 : 0.6,
    lineJoin: "round",
  };
}

function makeLayers(map, contents) {
  const made = contents.layers.map((layer) => {
    if (layer.image) return { ...layer, features: [], group: pictureOf(map, layer), shown: false };
    const options = pathOptions(layer);
    const group = L.geoJSON(layer.features, {
      interactive: false,
      style: ({ geometry: { type } }) => ({
        ...options, fill: options.fill && type.endsWith("Polygon"),
      }),
      // Leaflet's own marker would ask for its picture.
      pointToLayer: (feature, place) => L.circleMarker(place, { radius: 3, interactive: false }),
    });
    if (layer.kind === "piece") addRings(map, group, layer);
    return { ...layer, features: layer.features.features, group, shown: false };
  });
  made.forEach((layer) => showLayer(map, made, layer, layer.look.visible));
  return made;
}

// A picture takes on the colour of what lies below it, so that lines and labels stay readable; one
// that lies below everything itself leaves the colours above it as they are.
function pictureOf(map, layer) {
  const below = Boolean(layer.image.below);
  const pane = below ? "ground" : "cover";
  if (!map.getPane(pane)) map.createPane(pane).style.zIndex = below ? 390 : 410;
  return L.imageOverlay(layer.image.address, layer.image.bounds, {
    pane, interactive: false, alt: layer.title, opacity: below ? 0.75 : 1,
  });
}

// A ring marks a piece too small to be seen at the current scale; one ring where many would meet.
function addRings(map, group, layer) {
  const rings = layer.features.features.map((feature) => {
    const bounds = latLngBounds(feature);
    const ring = L.circleMarker(bounds.getCenter(), {
      radius: 7, interactive: false, fill: false, color: layer.look.line, weight: 2,
    });
    return { ring: ring.addTo(group), bounds };
  });
  const refresh = () => {
    const taken = new Set();
    rings.forEach(({ ring, bounds }) => {
      const low = map.latLngToLayerPoint(bounds.getSouthWest());
      const high = map.latLngToLayerPoint(bounds.getNorthEast());
      const cell = `${Math.round(low.x / 16)} ${Math.round(low.y / 16)}`;
      ring.setStyle({ opacity: low.distanceTo(high) < 26 && !taken.has(cell) ? 0.9 : 0 });
      taken.add(cell);
    });
  };
  map.on("zoomend", refresh);
  refresh();
}

// One canvas draws in the order of adding, so a layer that comes back goes below those above it;
// the sites of a screening, which lie above all, come again by themselves.
function showLayer(map, layers, layer, shown) {
  layer.shown = shown;
  if (!shown) {
    layer.group.remove();
    return;
  }
  layer.group.addTo(map);
  layers.filter((other) => other.shown && other.look.rank > layer.look.rank)
    .forEach((other) => other.group.bringToFront());
  map.fire("layershown");
}

function describe(layer, facts) {
  const item = element("div", "popup-item");
  const over = element("p", "over");
  const swatch = element("i");
  swatch.style.background = layer.look.fill || "transparent";
  swatch.style.borderColor = layer.look.line;
  over.append(swatch, layer.title);
  item.append(over, element("p", "name", facts.name));
  const figures = [facts.zone, facts.area].filter(Boolean).join(" · ");
  if (figures) item.append(element("p", "area", figures));
  if (facts.note) item.append(element("p", "note", facts.note));
  return item;
}

function popupAt(map, place, items, empty) {
  const body = element("div", "popup");
  if (items.length) body.append(...items);
  else body.append(element("p", "note", empty));
  L.popup({ maxWidth: 320, autoPanPadding: [24, 24] })
    .setLatLng(place).setContent(body).openOn(map);
}

function answerClicks(map, layers, phrases, sites) {
  map.on("click", (event) => {
    const { lat, lng } = event.latlng;
    const slack = Math.abs(map.layerPointToLatLng([8, 0]).lng - map.layerPointToLatLng([0, 0]).lng);
    const found = sites ? sites.at(lng, lat, slack) : [];
    const items = layers.filter((layer) => layer.shown && layer.kind !== "line").reverse()
      .flatMap((layer) => layer.features
        .filter((f) => isInside(f, lng, lat, layer.kind === "piece" ? slack : 0)).slice(0, 3)
        .map((f) => describe(layer, f.properties)));
    popupAt(map, event.latlng, [...found, ...items], phrases.nothing_here);
  });
}
