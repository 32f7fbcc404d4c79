from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = "公岗与车间"

    def ready(self) -> None:
        """Posts and workshops follow their village."""
        from accounts import merging
        from posts.merging import bring_over

        merging.follow(bring_over)
