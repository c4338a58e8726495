/// The script of every page: tooltips that are linked over all plots, a remembered theme, the order of a table.
///
/// Everything on a page can be read without it. It listens on the document, so that what a live page replaces works too.
enum Script {
    static let text = """
        const espalier = (() => {
          const tip = document.getElementById('tip');
          for (const choice of document.querySelectorAll('input[name=theme]')) {
            try {
              if (localStorage.getItem('espalier-theme') === choice.value) choice.checked = true;
              choice.addEventListener('change', () => localStorage.setItem('espalier-theme', choice.value));
            } catch { }
          }
          // What works with this script alone is hidden without it.
          const reveal = root => {
            for (const control of root.querySelectorAll('[data-orders], button[data-copy]')) control.hidden = false;
          };
          document.addEventListener('change', event => {
            const choice = event.target.closest('[data-orders]');
            if (!choice) return;
            const body = document.getElementById(choice.dataset.orders);
            const key = event.target.value, sign = key === 'index' ? 1 : -1;
            body.append(...[...body.rows].sort((a, b) => sign * (a.dataset[key] - b.dataset[key])));
          });
          document.addEventListener('click', async event => {
            const button = event.target.closest('button[data-copy]');
            if (!button) return;
            const code = document.getElementById(button.dataset.copy);
            getSelection().selectAllChildren(code);
            try { await navigator.clipboard.writeText(code.textContent); button.textContent = 'Copied'; } catch { }
          });

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
            // A curve's point at a place of the plot; curves that were measured elsewhere give their nearest one.
            const at = (one, index) => {
              if (!one.x) return { x: data.x[index], y: one.y[index] };
              const x = data.x[index];
              if (x > one.x[one.x.length - 1]) return {};
              const own = nearest(one.x, x);
              return { x: one.x[own], y: one.y[own] };
            };
            const draw = (points, x) => {
              cursor.replaceChildren(shape('line', { x1: px(x), x2: px(x), y1: top, y2: bottom }));
              for (const point of points) {
                const level = typeof point.y === 'number' ? py(point.y) : NaN;
                if (level >= top - 1 && level <= bottom + 1)
                  cursor.append(shape('circle', { cx: px(point.x), cy: level, r: 4 }));
              }
            };
            return {
              count: data.x.length, row: 0, x: index => data.x[index],
              at: (x, y) => [nearest(data.x.map(px), x), y],
              show: (index, y) => {
                let series = data.series;
                if (series.length > 8) {
                  const levels = series.map(one => { const own = at(one, index).y; return typeof own === 'number' ? py(own) : 1e9; });
                  series = [series[nearest(levels, y)]];
                }
                const points = series.map(one => at(one, index));
                draw(points, data.x[index]);
                show(svg, data.names?.[index] ?? data.unit + ' ' + text(data.x[index]),
                  series.flatMap((one, i) => points[i].y === undefined ? [] : [line(one.name, text(points[i].y, data.format), one.style)]),
                  px(data.x[index]), y);
              },
              follow: x => {
                if (x < x0 || x > x1) return cursor.replaceChildren();
                const index = nearest(data.x, x), few = data.series.length < 4 ? data.series : [];
                const points = few.map(one => at(one, index));
                draw(points, x);
                const values = points.filter(point => point.y !== undefined).map(point => text(point.y, data.format));
                const isLeft = px(x) < (left + right) / 2;
                const label = shape('text', { x: px(x) + (isLeft ? 6 : -6), y: top + 10, class: 'note', 'text-anchor': isLeft ? 'start' : 'end' });
                label.textContent = values.join(' · ');
                cursor.append(label);
              }
            };
          };
          const cells = (svg, data, geometry, cursor) => {
            const within = (edges, value) => Math.max(0, edges.findLastIndex((edge, i) => edge <= value && i < edges.length - 1));
            const columns = data.x.length;
            const outline = (column, top, bottom) => cursor.replaceChildren(shape('rect', {
              x: geometry.x[column], y: top, width: geometry.x[column + 1] - geometry.x[column], height: bottom - top - 1
            }));
            return {
              count: columns * data.rows.length, row: columns, x: index => data.x[index % columns],
              at: (x, y) => [within(geometry.y, y) * columns + within(geometry.x, x), y],
              show: index => {
                const row = Math.floor(index / columns), column = index % columns;
                outline(column, geometry.y[row], geometry.y[row + 1]);
                show(svg, data.rows[row], [
                  line(data.unit, text(data.x[column]), ''), line(data.quantity, text(data.values[row][column]), '')
                ], geometry.x[column + 1], geometry.y[row]);
              },
              follow: x => outline(nearest(data.x, x), geometry.y[0], geometry.y[data.rows.length])
            };
          };

          const known = new WeakMap();
          const plot = svg => {
            if (!known.has(svg)) {
              const data = JSON.parse(document.getElementById('data-' + svg.dataset.plot).textContent);
              const cursor = shape('g', { class: 'cursor' });
              svg.append(cursor);
              const one = (data.kind === 'lines' ? lines : cells)(svg, data, JSON.parse(svg.dataset.geometry), cursor);
              known.set(svg, Object.assign(one, { svg, unit: data.unit, cursor, index: 0, level: 20 }));
            }
            return known.get(svg);
          };

          // Steps and epochs are two names of one time.
          const interpolated = (from, to, value) => {
            const end = Math.max(1, from.findIndex(one => one >= value)), i = from[end] === undefined ? from.length - 1 : end;
            return to[i - 1] + (value - from[i - 1]) / (from[i] - from[i - 1]) * (to[i] - to[i - 1]);
          };
          const time = (x, from, to) => {
            if (from === to) return x;
            const element = document.getElementById('time');
            const anchors = element && JSON.parse(element.textContent);
            return anchors?.[from] && anchors[to] ? interpolated(anchors[from], anchors[to], x) : NaN;
          };
          let shown = null, frame = 0;
          const others = visit => {
            for (const svg of document.querySelectorAll('svg[data-plot]'))
              if (svg !== shown?.svg && svg.getClientRects().length) visit(svg);
          };
          const link = () => {
            cancelAnimationFrame(frame);
            frame = requestAnimationFrame(() => {
              if (!shown || shown.unit === 'layer') return;
              const x = shown.x(shown.index);
              others(svg => {
                const one = plot(svg), there = one.unit === 'layer' ? NaN : time(x, shown.unit, one.unit);
                if (isFinite(there)) one.follow(there);
              });
            });
          };
          const hide = () => {
            cancelAnimationFrame(frame);
            tip.hidden = true;
            shown = null;
            for (const cursor of document.querySelectorAll('.cursor')) cursor.replaceChildren();
          };
          const select = (one, index, level) => {
            if (shown && shown !== one) hide();
            shown = one;
            [one.index, one.level] = [Math.max(0, Math.min(one.count - 1, index)), level];
            one.show(one.index, one.level);
            link();
          };
          const under = event => event.target.closest?.('svg[data-plot]');
          let pointer = null;
          const point = event => {
            pointer = event;
            const svg = under(event);
            if (!svg) { if (shown && document.activeElement !== shown.svg) hide(); return; }
            const one = plot(svg), box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
            select(one, ...one.at((event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
          };
          document.addEventListener('pointermove', point);
          document.addEventListener('pointerdown', point);
          document.documentElement.addEventListener('pointerleave', hide);
          document.addEventListener('focusout', event => { if (under(event)) hide(); });
          document.addEventListener('keydown', event => {
            const svg = under(event);
            if (!svg) return;
            if (event.key === 'Escape') return hide();
            const one = plot(svg), far = event.shiftKey ? 10 : 1;
            const target = {
              ArrowLeft: one.index - far, ArrowRight: one.index + far, Home: 0, End: one.count - 1,
              ArrowUp: one.index - one.row, ArrowDown: one.index + one.row
            }[event.key];
            if (target === undefined) return;
            event.preventDefault();
            const level = one.row ? one.level : one.level + ({ ArrowUp: -12, ArrowDown: 12 }[event.key] ?? 0);
            const isFirst = shown !== one || target < 0 || target >= one.count;
            select(one, isFirst && !['Home', 'End'].includes(event.key) ? one.index : target, level);
          });
          reveal(document);
          return { plot, select, hide, reveal, current: () => shown, pointer: () => pointer, point };
        })();
        """
}
