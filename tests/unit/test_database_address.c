#include "unit.h"

#include "base/database_address.h"

static void files_and_addresses_are_told_apart(void **state)
{
  assert_true(database_address_is_url("postgresql://db/x"));
  assert_true(database_address_is_url("postgres://db/x"));
  assert_false(database_address_is_url("rp.db"));
  assert_false(database_address_is_url("/srv/postgresql://x"));
}

static void good_ones_pass(void **state)
{
  static const char *const good[] = {"rp.db",
                                     "data/a b.db",
                                     "postgresql://db/sekisho",
                                     "postgresql://sekisho@db:5433/sekisho?sslmode=verify-full",
                                     "postgresql://a@db1:5432,db2:5432/x?passfile=/etc/sekisho/pgpass",
                                     "postgresql://[::1]:5432/x",
                                     "postgresql://sekisho_{domain}@db/x",
                                     "postgres://a@/x?host=/run/postgresql"};
  for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
    assert_null(database_address_problem(bytes_of_string(good[i])));
}

static void passwords_and_odd_ones_are_refused(void **state)
{
  static const struct {
    const char *address, *word;
  } bad[] = {{"postgresql://a:secret@db/x", "password"},
             {"postgres://:secret@db/x", "password"},
             {"postgresql://a:secret@db1,db2/x", "password"},
             {"postgresql://db/x?password=secret", "password"},
             {"postgresql://db/x?sslmode=disable&password=secret", "password"},
             {"postgresql://db/x?%70assword=secret", "password"},
             {"postgresql://db/x?sslpassword=secret", "password"},
             {"postgresql://db/x#sekisho_rp", "#"},
             {"postgresql://db/x y", "spaces"},
             {"postgresql://db/x?options=-csearch_path%3Dpublic", "options"},
             {"postgresql://db/x?client_encoding=latin1", "client_encoding"},
             {"postgresql:db", "postgresql://"},
             {"file:rp.db", "a path"},
             {"", "a path"}};
  for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
    const char *problem = database_address_problem(bytes_of_string(bad[i].address));
    if (problem == NULL || strstr(problem, bad[i].word) == NULL)
      fail_msg("%s: %s", bad[i].address, problem != NULL ? problem : "passes");
  }
}

static void each_store_has_a_schema(void **state)
{
  arena_t *arena = arena_new(4096, 65536);
  const char *address = database_address_of_rp(arena, "postgresql://db/x");
  assert_string_equal(address, "postgresql://db/x#sekisho_rp");
  assert_string_equal(database_address_schema(address), "sekisho_rp");
  assert_string_equal(database_address_schema("rp.db"), "");
  assert_string_equal(database_address_of_domain(arena, "postgresql://r_{domain}@db/x_{domain}", "my-pay"),
                      "postgresql://r_my-pay@db/x_my-pay#sekisho_domain_my-pay");
  arena_free(arena);
}

static void files_lie_where_the_sandbox_shows_them(void **state)
{
  assert_true(database_address_files_are_below("postgresql://db/x", "/srv/s"));
  assert_true(database_address_files_are_below("postgresql://db/x?sslmode=require", "/srv/s"));
  assert_true(database_address_files_are_below("postgresql://db/x?passfile=/etc/s/pgpass", "/srv/s"));
  assert_true(database_address_files_are_below("postgresql://db/x?sslrootcert=system&sslcert=/srv/s/a.pem",
                                               "/srv/s"));
  assert_false(database_address_files_are_below("postgresql://db/x?passfile=/root/.pgpass", "/srv/s"));
  assert_false(database_address_files_are_below("postgresql://db/x?passfile=pgpass", "/srv/s"));
  assert_false(
      database_address_files_are_below("postgresql://db/x?sslmode=require&sslkey=/srv/sx/a", "/srv/s"));
  assert_false(database_address_files_are_below("postgresql://db/x?sslkey=/srv/s/../a", "/srv/s"));
  assert_false(database_address_files_are_below("postgresql://db/x?sslkey=/srv/s/%2e%2e/a", "/srv/s"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(files_and_addresses_are_told_apart),     cmocka_unit_test(good_ones_pass),
      cmocka_unit_test(passwords_and_odd_ones_are_refused),     cmocka_unit_test(each_store_has_a_schema),
      cmocka_unit_test(files_lie_where_the_sandbox_shows_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
