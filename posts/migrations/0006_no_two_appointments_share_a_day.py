from django.db import migrations

from accounts import wall
from posts import overlap


class Migration(migrations.Migration):
    dependencies = [("posts", "0005_closed_posts_say_so")]

    operations = [
        overlap.refused("posts_appointment", "laborer_id", "post_id"),
        wall.around("posts_recruitment", "posts_candidate", "posts_contract"),
    ]
