#!/usr/bin/env python3
"""Prints the failures and skip reasons of node's TAP on stderr, and one line of totals."""
import re
import sys

name, path = sys.argv[1], sys.argv[2]
text = open(path, encoding="utf-8", errors="replace").read()


def total(what):
    found = re.findall(rf"^# {what} (\d+)$", text, re.M)
    return int(found[-1]) if found else 0


for line in re.findall(r"^ *ok .*# SKIP.*$", text, re.M):
    print(line.strip(), file=sys.stderr)
failed = total("fail") + total("cancelled")
if failed or not re.search(r"^# tests \d+$", text, re.M):
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if re.match(r" *not ok ", line):
            print("\n".join(lines[number : number + 40]), file=sys.stderr)
    if not re.search(r"^# tests \d+$", text, re.M):
        failed += 1
        print("\n".join(lines[-60:]), file=sys.stderr)
print(f"{name}\t{total('pass')}\t{failed}\t{total('skipped')}")
