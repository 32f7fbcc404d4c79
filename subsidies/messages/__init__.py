"""政策宣传: templates with versions, mailings through a gateway, texts for the group of a village."""
