<?php
// Every request goes to WordPress's front door, as a web server's rewrite rule would have it.
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require __DIR__ . '/load.php';
wp();
define('WP_USE_THEMES', true);
require ABSPATH . WPINC . '/template-loader.php';
