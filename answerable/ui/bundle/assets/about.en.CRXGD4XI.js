import{a as m}from"./chunk.GDMPAP5Y.js";import{a as o}from"./chunk.DLYL32EK.js";import{a as r}from"./chunk.SVBVU7VO.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";r("en",o);m();
