import{a as r}from"./chunk.GDMPAP5Y.js";import{a as m}from"./chunk.ZNSYTCLQ.js";import{a as o}from"./chunk.SVBVU7VO.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";o("zh",m);r();
