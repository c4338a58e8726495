#!/bin/sh
# Finds SQLite's header and library, which the storage of a search is compiled against.
#
# Prints nothing where the C compiler finds them by itself. Where it does not, Debian's package is unpacked into .deps,
# which needs no rights, and the folder is printed in which usr/include and usr/lib lie. Else it is said what to install.
cd "$(dirname "$0")/.." || exit 1

compiles() {
    printf '#include <sqlite3.h>\nint main(void) { return sqlite3_libversion_number() < SQLITE_VERSION_NUMBER - 3000000; }\n' |
        cc "$@" -x c - -lsqlite3 -lm -o /dev/null 2>/dev/null
}

compiles && exit 0
root=$PWD/.deps/sqlite
if [ ! -f "$root/usr/include/sqlite3.h" ]; then
    # Unpacked beside its place, so that an interrupted download leaves nothing that looks whole.
    rm -rf "$root.new" && mkdir -p "$root.new" && (
        cd "$root.new" && apt-get download libsqlite3-dev && dpkg-deb -x libsqlite3-dev_*.deb . &&
            # Only the archive stays: it is linked in, so that nothing has to be found when the program runs.
            rm -f usr/lib/*/libsqlite3.so libsqlite3-dev_*.deb && mv usr/lib/*/libsqlite3.a usr/lib/
    ) >/dev/null 2>&1 && mv "$root.new" "$root"
fi
if compiles -I "$root/usr/include" -L "$root/usr/lib"; then
    echo "$root"
    exit 0
fi
cat >&2 <<'END'
SQLite's header sqlite3.h or its library is missing, and could not be fetched. Install it:
  Debian, Ubuntu        sudo apt-get install libsqlite3-dev
  Fedora, RHEL, Amazon  sudo dnf install sqlite-devel
  Arch                  sudo pacman -S sqlite
  Alpine                sudo apk add sqlite-dev
END
exit 1
