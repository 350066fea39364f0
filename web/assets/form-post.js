/* The page that carries an authorization response by response_mode=form_post: send it on at once. Its button
 * remains for browsers without scripts. */
document.forms[0].submit();
