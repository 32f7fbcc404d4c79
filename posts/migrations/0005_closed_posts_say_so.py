from django.db import migrations


def say_closed(apps, schema_editor):
    """A post with a day of closing was closed; states are new."""
    apps.get_model("posts", "Post").objects.filter(closed_on__isnull=False).update(state="closed")


class Migration(migrations.Migration):
    dependencies = [("posts", "0004_posts_from_proposal_to_exit")]

    operations = [migrations.RunPython(say_closed, migrations.RunPython.noop)]
