import{a}from"./chunk.DPMO34LA.js";import"./chunk.HFUP6BCR.js";import"./chunk.ZPOBFPUO.js";import"./chunk.SVBVU7VO.js";import"./chunk.ATTIVOQD.js";import"./chunk.SO7B44UJ.js";export{a as report};
