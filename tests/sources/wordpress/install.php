<?php
// The five-minute installation, without its mail and its sample post. Writers, their roles and one application password; prints that password.
define('WP_INSTALLING', true);
function wp_new_blog_notification($title, $url, $user, $password) {}
function wp_install_defaults($user) {}
require __DIR__ . '/load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_http_request', fn () => new WP_Error('offline'));
wp_install('The Harbour Post', 'olga', 'olga@harbour.example', true, '', 'long-and-only-for-this-test');
update_option('timezone_string', 'America/New_York');
update_option('thread_comments_depth', 10);
switch_theme('plain');
$people = [
	['tilda', 'Tilda Marsh & Daughters', 'author'],
	['pim', 'Pim', 'subscriber'],
	['jon', 'Jon Quay', 'subscriber'],
];
wp_update_user(['ID' => 1, 'display_name' => 'Olga Pier']);
foreach ($people as [$login, $name, $role]) {
	wp_insert_user(['user_login' => $login, 'display_name' => $name, 'role' => $role, 'user_email' => "$login@readers.example", 'user_pass' => wp_generate_password()]);
}
[$password] = WP_Application_Passwords::create_new_application_password(1, ['name' => 'digest']);
echo $password;
