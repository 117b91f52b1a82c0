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

function followPointer(map) {
  const text = document.querySelector(".pointer .degrees");
  map.on("mousemove click", ({ latlng }) => {
    text.textContent = `${degreesText(latlng.lng, "E", "W")}  ${degreesText(latlng.lat, "N", "S")}`;
  });
}
