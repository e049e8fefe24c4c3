"""« Vos cinq minutes du lundi »: asked for by agents, made each Monday, left by a link."""
