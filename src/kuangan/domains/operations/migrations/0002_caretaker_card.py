from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="caretaker",
            name="card",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="定位卡号"),
        ),
    ]
