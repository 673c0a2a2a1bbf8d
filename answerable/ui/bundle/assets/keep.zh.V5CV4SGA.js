import{a as m}from"./chunk.T266G3B4.js";import{a as o}from"./chunk.CYDZS2YE.js";import{a as r}from"./chunk.5HKWTPSB.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";r("zh",o);m();
