#!/usr/bin/env python3
"""One line `name<TAB>passed<TAB>failed<TAB>skipped` a meson test: cmocka's own counts where it prints them."""
import json
import re
import sys

for line in open(sys.argv[1], encoding="utf-8"):
    test = json.loads(line)
    output = test.get("stdout", "") + test.get("stderr", "")
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", output))
    failed = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", output))
    skipped = sum(int(n) for n in re.findall(r"\[  SKIPPED \] (\d+) test", output))
    for reason in re.findall(r"^skipped: .*", output, re.M):
        print(f"{test['name']}: {reason}", file=sys.stderr)
    if test["result"] == "SKIP":
        skipped = max(skipped, 1)
    elif test["result"] != "OK":
        failed = max(failed, 1)
    elif passed == 0 and skipped == 0:
        passed = 1
    print(f"{test['name'].split(':')[-1].strip()}\t{passed}\t{failed}\t{skipped}")
