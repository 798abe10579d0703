"""What has been published: articles, their authors, and the readers' comments, kept in step with the sources."""
