// Scale bar, numeric scale, and the coordinates under the pointer.

const METRES_PER_PIXEL = 0.0254 / 96;

function roundDown(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [5, 4, 2, 1].map((digit) => digit * power).find((step) => step <= value) || power;
}

function metresPerPixel(map) {
  const middle = map.getSize().divideBy(2);
  const at = (shift) => map.containerPointToLatLng(middle.add([shift, 0]));
  return map.distance(at(-50), at(50)) / 100;
}

function keepScale(map, phrases) {
  const bar = document.querySelector(".scale-bar");
  const number = document.querySelector(".scale-number");
  const refresh = () => {
    const ground = metresPerPixel(map);
    const denominator = ground / METRES_PER_PIXEL;
    const step = 10 ** Math.max(0, Math.floor(Math.log10(denominator)) - 2);
    const text = (Math.round(denominator / step) * step).toLocaleString("en-US");
    number.textContent = phrases.scale_number.replace("{number}", text);
    drawBar(bar, roundDown(ground * 132), ground, phrases);
  };
  map.on("zoomend moveend resize", refresh);
  refresh();
}

function drawBar(bar, length, ground, phrases) {
  const [unit, word] = length >= 1000 ? [1000, phrases.unit_km] : [1, phrases.unit_m];
  const pixels = length / ground;
  const marks = [0, 0.5, 1].map((part) => {
    const mark = element("span", "", `${(length * part) / unit}${part === 1 ? ` ${word}` : ""}`);
    mark.style.left = `${pixels * part}px`;
    return mark;
  });
  const parts = [0, 1, 2, 3].map(() => element("i"));
  parts.forEach((part) => { part.style.width = `${pixels / 4}px`; });
  bar.style.width = `${pixels + 34}px`;
  bar.replaceChildren(...marks, ...parts);
}

function degreesText(value, positive, negative) {
  const seconds = Math.round(Math.abs(value) * 36000) / 10;
  const whole = Math.floor(seconds / 3600);
  const minutes = String(Math.floor((seconds % 3600) / 60)).padStart(2, "0");
  const rest = (seconds % 60).toFixed(1).padStart(4, "0");
  return `${whole}°${minutes}′${rest}″${value < 0 ? negative : positive}`;
}

// Gauss-Krüger by Krüger's series in n up to its fourth power: under a millimetre in a zone.
function makeGrid({ axis_m, flattening, meridian, scale, east_m, north_m }) {
  const n = flattening / (2 - flattening);
  const radius = (axis_m / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64) * scale;
  const terms = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4,
    (61 / 240) * n ** 3 - (103 / 140) * n ** 4,
    (49561 / 161280) * n ** 4,
  ];
  const c = (2 * Math.sqrt(n)) / (1 + n);
  return ({ lat, lng }) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    const turn = ((lng - meridian) * Math.PI) / 180;
    const t = Math.sinh(Math.atanh(sine) - c * Math.atanh(c * sine));
    const along = Math.atan2(t, Math.cos(turn));
    const across = Math.atanh(Math.sin(turn) / Math.sqrt(1 + t * t));
    let [northing, easting] = [along, across];
    terms.forEach((term, row) => {
      const multiple = 2 * (row + 1);
      northing += term * Math.sin(multiple * along) * Math.cosh(multiple * across);
      easting += term * Math.cos(multiple * along) * Math.sinh(multiple * across);
    });
    return [east_m + radius * easting, north_m + radius * northing];
  };
}

function followPointer(map, contents) {
  const text = document.querySelector(".pointer .degrees");
  const metres = document.querySelector(".pointer .metres");
  const grid = contents.grid ? makeGrid(contents.grid) : null;
  map.on("mousemove click", ({ latlng }) => {
    text.textContent = `${degreesText(latlng.lng, "E", "W")}  ${degreesText(latlng.lat, "N", "S")}`;
    if (!grid) return;
    const [east, north] = grid(latlng).map((value) => value.toFixed(0));
    metres.textContent = contents.phrases.grid_place.replace("{north}", north).replace("{east}", east);
  });
  return grid;
}
