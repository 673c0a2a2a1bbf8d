import{a as m}from"./chunk.IMNWJ55G.js";import{a as o}from"./chunk.YRUG222B.js";import{a as r}from"./chunk.EL6RSD6T.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";r("zh",o);m();
