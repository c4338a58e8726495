/// The page's only script: tooltips, a remembered theme, the order of a table.
///
/// Everything on the page can be read without it.
enum Script {
    static let text = """
        (() => {
          const tip = document.getElementById('tip');
          for (const choice of document.querySelectorAll('input[name=theme]')) {
            try {
              if (localStorage.getItem('espalier-theme') === choice.value) choice.checked = true;
              choice.addEventListener('change', () => localStorage.setItem('espalier-theme', choice.value));
            } catch { }
          }
          for (const choice of document.querySelectorAll('[data-orders]')) {
            const body = document.getElementById(choice.dataset.orders);
            choice.hidden = false;
            choice.addEventListener('change', event => {
              const key = event.target.value, sign = key === 'index' ? 1 : -1;
              body.append(...[...body.rows].sort((a, b) => sign * (a.dataset[key] - b.dataset[key])));
            });
          }
          for (const button of document.querySelectorAll('button[data-copy]')) {
            button.hidden = false;
            button.addEventListener('click', async () => {
              const code = document.getElementById(button.dataset.copy);
              getSelection().selectAllChildren(code);
              try { await navigator.clipboard.writeText(code.textContent); button.textContent = 'Copied'; } catch { }
            });
          }
          const shape = (name, attributes) => {
            const element = document.createElementNS(document.querySelector('svg').namespaceURI, name);
            for (const key in attributes) element.setAttribute(key, attributes[key]);
            return element;
          };
          const text = (value, format) => typeof value === 'string' ? value
            : format === 'percent' ? (value * 100).toFixed(2) + '%'
            : value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6) ? value.toExponential(2)
            : String(+value.toPrecision(4));
          const line = (name, value, style) => {
            const row = document.createElement('span');
            const left = document.createElement('i'), right = document.createElement('b');
            left.textContent = name; left.style.fontStyle = 'normal'; left.className = style;
            right.textContent = value;
            row.append(left, right);
            return row;
          };
          const show = (svg, title, rows, x, y) => {
            const head = document.createElement('b');
            head.textContent = title;
            tip.replaceChildren(head, ...rows);
            tip.hidden = false;
            const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
            const left = box.left + x * scale, top = box.top + y * scale;
            const flips = left + tip.offsetWidth + 24 > innerWidth;
            tip.style.left = Math.max(8, flips ? left - tip.offsetWidth - 14 : left + 14) + 'px';
            tip.style.top = Math.max(8, Math.min(top, innerHeight - tip.offsetHeight - 8)) + 'px';
          };
          const nearest = (values, target) => values.reduce((best, value, index) =>
            Math.abs(value - target) < Math.abs(values[best] - target) ? index : best, 0);

          const lines = (svg, data, geometry, cursor) => {
            const [left, right, top, bottom, x0, x1, y0, y1, isLog, isLogX] = geometry;
            const mapX = isLogX ? Math.log10 : x => x;
            const px = x => left + (mapX(x) - mapX(x0)) / (mapX(x1) - mapX(x0)) * (right - left);
            const map = isLog ? Math.log10 : y => y;
            const py = y => bottom - (map(y) - map(y0)) / (map(y1) - map(y0)) * (bottom - top);
            return {
              count: data.x.length,
              at: (x, y) => {
                return [nearest(data.x.map(px), x), y];
              },
              show: (index, y) => {
                let series = data.series;
                if (series.length > 8) {
                  const levels = series.map(one => typeof one.y[index] === 'number' ? py(one.y[index]) : 1e9);
                  series = [series[nearest(levels, y)]];
                }
                const x = px(data.x[index]);
                cursor.replaceChildren(shape('line', { x1: x, x2: x, y1: top, y2: bottom }));
                for (const one of series) {
                  const level = typeof one.y[index] === 'number' ? py(one.y[index]) : NaN;
                  if (level >= top - 1 && level <= bottom + 1) cursor.append(shape('circle', { cx: x, cy: level, r: 4 }));
                }
                show(svg, data.names?.[index] ?? data.unit + ' ' + text(data.x[index]),
                  series.map(one => line(one.name, text(one.y[index], data.format), one.style)), x, y);
              }
            };
          };
          const cells = (svg, data, geometry, cursor) => {
            const within = (edges, value) => Math.max(0, edges.findLastIndex((edge, i) => edge <= value && i < edges.length - 1));
            const columns = data.x.length;
            return {
              count: columns * data.rows.length,
              at: (x, y) => [within(geometry.y, y) * columns + within(geometry.x, x), y],
              show: index => {
                const row = Math.floor(index / columns), column = index % columns;
                const x = geometry.x[column], y = geometry.y[row];
                cursor.replaceChildren(shape('rect', {
                  x, y, width: geometry.x[column + 1] - x, height: geometry.y[row + 1] - y - 1
                }));
                show(svg, data.rows[row], [
                  line(data.unit, text(data.x[column]), ''), line(data.quantity, text(data.values[row][column]), '')
                ], geometry.x[column + 1], y);
              }
            };
          };

          for (const svg of document.querySelectorAll('svg[data-plot]')) {
            const data = JSON.parse(document.getElementById('data-' + svg.dataset.plot).textContent);
            const cursor = shape('g', { class: 'cursor' });
            svg.append(cursor);
            svg.setAttribute('tabindex', '0');
            const plot = (data.kind === 'lines' ? lines : cells)(svg, data, JSON.parse(svg.dataset.geometry), cursor);
            let index = 0, level = 20;
            const hide = () => { tip.hidden = true; cursor.replaceChildren(); };
            const point = event => {
              const box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
              [index, level] = plot.at((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
              plot.show(index, level);
            };
            svg.addEventListener('pointermove', point);
            svg.addEventListener('pointerdown', point);
            svg.addEventListener('pointerleave', hide);
            svg.addEventListener('blur', hide);
            svg.addEventListener('keydown', event => {
              const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
              if (event.key === 'Escape') hide();
              if (!step) return;
              event.preventDefault();
              index = Math.max(0, Math.min(plot.count - 1, tip.hidden ? index : index + step));
              plot.show(index, level);
            });
          }
        })();
        """
}
