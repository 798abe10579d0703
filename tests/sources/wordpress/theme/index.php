<!doctype html>
<html><head><?php wp_head(); ?></head><body><?php while (have_posts()) { the_post(); the_title('<h2>', '</h2>'); } ?></body></html>
