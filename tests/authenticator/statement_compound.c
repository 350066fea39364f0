#include <string.h>

#include "cbor_build.h"
#include "soft_check.h"
#include "statement.h"

static void add_part(const statement_work_t *work, const char *format, builder_t *builder)
{
  cbor_add_map(builder, statement_fault_is(work, "extra-member") ? 3 : 2);
  cbor_add_text(builder, "fmt");
  cbor_add_text(builder,
                statement_fault_is(work, "unknown-format") ? "Packed" : statement_format_name(format));
  cbor_add_text(builder, statement_fault_is(work, "no-statement") ? "attstmt" : "attStmt");
  statement_add(work, format, builder);
  if (statement_fault_is(work, "extra-member")) {
    cbor_add_text(builder, "x");
    cbor_add_integer(builder, 1);
  }
}

/* packed and packed-self. Faults: "one" statement, "nine", "second-bad", "nested", "unknown-format",
 * "no-statement", "extra-member", "integers". Good: "with-tpm" and so on, a third one of that format. */
void statement_add_compound(const statement_work_t *work, builder_t *builder)
{
  soft_knobs_t honest = *work->knobs, lying = *work->knobs;
  lying.signature = "flip";
  honest.statement_fault = lying.statement_fault =
      statement_fault_is(work, "nested") ? "integers" : work->knobs->statement_fault;
  statement_work_t first = *work, second = *work;
  first.knobs = &honest;
  second.knobs = statement_fault_is(work, "second-bad") ? &lying : &honest;
  if (statement_fault_is(work, "integers")) {
    cbor_add_array(builder, 2);
    cbor_add_integer(builder, 1);
    cbor_add_integer(builder, 2);
    return;
  }
  bool one = statement_fault_is(work, "one"), nested = statement_fault_is(work, "nested"),
       nine = statement_fault_is(work, "nine");
  const char *fault = work->knobs->statement_fault;
  const char *third = fault != NULL && strncmp(fault, "with-", 5) == 0 ? fault + 5 : NULL;
  cbor_add_array(builder, one ? 1 : nine ? 9 : third != NULL ? 3 : 2);
  add_part(&first, "packed", builder);
  if (!one)
    add_part(&second, nested ? "compound" : "packed-self", builder);
  if (third != NULL)
    add_part(&first, third, builder);
  for (int i = 2; nine && i < 9; i++)
    add_part(&first, "packed-self", builder);
}
