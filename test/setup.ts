/** What every run of the tests loads first: the program that they run many times loads it first, too. */
import "../program/stack-traces";
