<?php
// Empties the site, fills it with what standard input describes as JSON, and prints the number of every named post and comment as JSON.
require __DIR__ . '/load.php';
$given = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
foreach (['posts', 'postmeta', 'comments', 'commentmeta', 'terms', 'term_taxonomy', 'term_relationships', 'termmeta'] as $table) {
	$wpdb->query("TRUNCATE {$wpdb->$table}");
}
wp_cache_flush();
update_option('default_category', wp_insert_term('General', 'category')['term_id']);
update_option('timezone_string', $given['zone']);
$wp_rewrite->set_permalink_structure($given['permalinks']);
flush_rewrite_rules(false);
wp_set_current_user(1);
kses_remove_filters(); // an administrator's text is stored as it is

function user_number(string $login): int {
	return $login === '' ? 0 : get_user_by('login', $login)->ID;
}

function add_terms(int $post, array $names, string $taxonomy): void {
	$numbers = array_map(fn ($name) => (int) (term_exists($name, $taxonomy) ?: wp_insert_term($name, $taxonomy))['term_id'], $names);
	if ($numbers) {
		wp_set_object_terms($post, $numbers, $taxonomy);
	}
}

function add_image(int $post, array $image): void {
	$number = wp_insert_attachment(['post_title' => 'A picture', 'post_mime_type' => 'image/jpeg'], $image['file'], $post);
	update_post_meta($number, '_wp_attachment_image_alt', $image['alt']);
	wp_update_attachment_metadata($number, ['width' => 1200, 'height' => 800, 'file' => $image['file'], 'sizes' => []]);
	set_post_thumbnail($post, $number);
}

function add_post(array $one): int {
	global $wpdb;
	$number = wp_insert_post(wp_slash([
		'post_type' => $one['type'], 'post_status' => $one['status'], 'post_title' => $one['title'], 'post_name' => $one['slug'],
		'post_content' => $one['content'], 'post_excerpt' => $one['excerpt'], 'post_password' => $one['password'],
		'post_author' => user_number($one['author']), 'post_date_gmt' => $one['at'], 'post_date' => get_date_from_gmt($one['at']),
	]), true);
	// WordPress itself would say "just now".
	$wpdb->update($wpdb->posts, ['post_modified_gmt' => $one['at'], 'post_modified' => get_date_from_gmt($one['at'])], ['ID' => $number]);
	add_terms($number, $one['categories'], 'category');
	add_terms($number, $one['tags'], 'post_tag');
	if ($one['image']) {
		add_image($number, $one['image']);
	}
	return $number;
}

function add_comment(array $one, array $posts, array $comments): int {
	return wp_insert_comment(wp_slash([
		'comment_post_ID' => $posts[$one['on']], 'comment_parent' => $one['answers'] === '' ? 0 : $comments[$one['answers']],
		'comment_author' => $one['author'], 'comment_author_email' => $one['email'], 'comment_author_IP' => $one['ip'],
		'user_id' => user_number($one['login']), 'comment_content' => $one['content'], 'comment_approved' => $one['approved'],
		'comment_type' => $one['type'], 'comment_date_gmt' => $one['at'], 'comment_date' => get_date_from_gmt($one['at']),
	]));
}

$posts = $comments = [];
foreach ($given['posts'] as $one) {
	$posts[$one['slug']] = add_post($one);
}
foreach ($given['comments'] as $one) {
	$comments[$one['name']] = add_comment($one, $posts, $comments);
}
echo json_encode(['posts' => (object) $posts, 'comments' => (object) $comments], JSON_THROW_ON_ERROR);
