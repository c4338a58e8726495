/// What the script of live pages does besides: takes changes from the server and puts them in their places.
///
/// What nobody looks at is put in its place when it comes into view, so that a change costs no more than what is seen.
enum LiveScript {
    static let text = """
        (() => {
          const page = document.querySelector('main[data-events]');
          if (!page) return;
          const waiting = new Map();
          let frame = 0, version = page.dataset.version;

          // A reader's place in a part that is replaced: what is open, chosen, scrolled and has the focus.
          const controls = 'svg[data-plot], input, summary, button, a, [tabindex]';
          const remember = slot => {
            const all = [...slot.querySelectorAll(controls)], focus = all.indexOf(document.activeElement);
            const one = espalier.current();
            const cursor = one && slot.contains(one.svg) && document.activeElement === one.svg ? one : null;
            return {
              focus, cursor, x: cursor?.x(cursor.index),
              open: [...slot.querySelectorAll('details')].map(one => one.open),
              checked: [...slot.querySelectorAll('input')].map(one => one.checked),
              scroll: [...slot.querySelectorAll('.scroll, pre')].map(one => [one.scrollLeft, one.scrollTop])
            };
          };
          const restore = (slot, place) => {
            slot.querySelectorAll('details').forEach((one, i) => { if (i in place.open) one.open = place.open[i]; });
            slot.querySelectorAll('input').forEach((one, i) => { if (i in place.checked) one.checked = place.checked[i]; });
            slot.querySelectorAll('.scroll, pre').forEach((one, i) => { if (place.scroll[i]) [one.scrollLeft, one.scrollTop] = place.scroll[i]; });
            if (place.focus < 0) return;
            const target = slot.querySelectorAll(controls)[place.focus];
            target?.focus({ preventScroll: true });
            if (!place.cursor || !target?.dataset.plot) return;
            const one = espalier.plot(target);
            let index = 0;
            for (let i = 0; i < one.count; i++)
              if (Math.abs(one.x(i) - place.x) < Math.abs(one.x(index) - place.x)) index = i;
            espalier.select(one, index, place.cursor.level);
          };
          const put = (slot, html) => {
            const place = remember(slot);
            slot.innerHTML = html;
            espalier.reveal(slot);
            restore(slot, place);
          };

          const visible = new Set();
          const observer = new IntersectionObserver(entries => {
            for (const entry of entries) {
              // What was replaced is told of once more.
              const name = entry.target.parentElement?.id;
              if (!name) continue;
              if (entry.isIntersecting) visible.add(name); else visible.delete(name);
            }
            schedule();
          }, { rootMargin: '300px' });
          // A slot has no box of its own; its first child has.
          const observe = slot => {
            for (const child of slot.children) if (child.tagName !== 'SCRIPT') return observer.observe(child);
            visible.add(slot.id);
          };
          const observeAll = () => {
            observer.disconnect();
            visible.clear();
            for (const slot of page.querySelectorAll('.slot')) observe(slot);
          };

          const flush = () => {
            frame = 0;
            const start = performance.now();
            let count = 0;
            for (const [name, html] of waiting) {
              const slot = document.getElementById(name);
              if (slot && !visible.has(name)) continue;
              waiting.delete(name);
              if (!slot) continue;
              put(slot, html);
              observe(slot);
              count++;
            }
            if (!count) return;
            const pointer = espalier.pointer();
            if (pointer) {
              const target = document.elementFromPoint(pointer.clientX, pointer.clientY);
              if (target) espalier.point({ target, clientX: pointer.clientX, clientY: pointer.clientY });
            }
            performance.measure('update', { start, detail: count });
          };
          const schedule = () => { if (waiting.size && !frame) frame = requestAnimationFrame(flush); };

          // One measurement of each update of the last minutes is enough.
          setInterval(() => { if (performance.getEntriesByName('update').length > 2000) performance.clearMeasures(); }, 60000);

          const source = new EventSource(page.dataset.events + '?since=' + version);
          source.addEventListener('slot', event => {
            const cut = event.data.indexOf('\\n');
            waiting.set('slot-' + event.data.slice(0, cut), event.data.slice(cut + 1));
            schedule();
          });
          source.addEventListener('whole', event => {
            waiting.clear();
            espalier.hide();
            put(page, event.data);
            observeAll();
          });
          source.onopen = () => document.body.classList.remove('lost');
          source.onerror = () => document.body.classList.add('lost');
          observeAll();
        })();
        """
}
