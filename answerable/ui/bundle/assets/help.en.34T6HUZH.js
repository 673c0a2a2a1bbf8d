import{a as o}from"./chunk.Y6HQ2DN6.js";import{a as r}from"./chunk.TRV33WFF.js";import{a as m}from"./chunk.32SYK4E3.js";import"./chunk.JMVDVDO4.js";import"./chunk.SO7B44UJ.js";m("en",r);o();
